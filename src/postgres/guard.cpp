#include "postgres/guard.hpp"

#include <cstring>

namespace kcs::pg {

namespace {

// ---- C register: plain data only ------------------------------------------------------------

struct Noted {
    int sqlstate;
    char message[1024];
    char detail[2048];
    char hint[512];
};

/// Filled while an exception is handled, raised after the handler has been left. One per process:
/// nothing between the two can fill it again.
Noted noted;

/// Of the latest error.
int contexts = 0;

extern "C" {
void kcs_count_contexts(void* mark) {
    contexts = 0;
    for (ErrorContextCallback* c = error_context_stack; c != nullptr && c != mark; c = c->previous)
        ++contexts;
}
}

void copy_text(char* to, size_t size, const std::string& from) noexcept {
    size_t n = from.size() < size - 1 ? from.size() : size - 1;
    while (n > 0 && n < from.size() && (static_cast<unsigned char>(from[n]) & 0xC0) == 0x80)
        --n; // not inside a character
    std::memcpy(to, from.data(), n);
    to[n] = '\0';
}

int pack_sqlstate(const std::string& s) noexcept {
    if (s.size() != 5)
        return ERRCODE_INTERNAL_ERROR;
    return MAKE_SQLSTATE(s[0], s[1], s[2], s[3], s[4]);
}

/// Whether a procedural language raised it for its user, who may choose any SQLSTATE and text:
/// pl_exec.c, plpy_elog.c, plperl.c, pltcl.c and the like. The server's own files have other names.
bool raised_by_language(const char* file) noexcept {
    if (file == nullptr)
        return true;
    const char* slash = std::strrchr(file, '/');
    const char* name = slash == nullptr ? file : slash + 1;
    for (const char* start : {"pl_", "plp", "pltcl", "plv8", "plr", "pll", "SPI.xs", "Util.xs"})
        if (std::strncmp(name, start, std::strlen(start)) == 0)
            return true;
    return false;
}

} // namespace

ErrorContexts::ErrorContexts() : mark_{error_context_stack, kcs_count_contexts, &mark_} {
    error_context_stack = &mark_;
}

ErrorContexts::~ErrorContexts() {
    error_context_stack = mark_.previous;
    contexts = 0; // what is raised outside has none
}

namespace detail {

void throw_pending_error(MemoryContext context) {
    MemoryContextSwitchTo(context);
    ErrorData* data = nullptr;
    sigjmp_buf here;
    if (sigsetjmp(here, 0) == 0) {
        PG_exception_stack = &here;
        data = CopyErrorData();
        FlushErrorState();
        PG_exception_stack = nullptr;
    } else { // no memory to copy it
        PG_exception_stack = nullptr;
        FlushErrorState();
        throw Error(Fault::of(ErrorClass::environment, "53200", "out of memory"));
    }
    Fault fault;
    auto text = [](const char* s) { return std::string(s == nullptr ? "" : s); };
    fault.sqlstate = unpack_sql_state(data->sqlerrcode);
    fault.cls = classify(fault.sqlstate);
    fault.message = text(data->message);
    fault.detail = text(data->detail);
    fault.hint = text(data->hint);
    if (data->table_name != nullptr)
        fault.table = text(data->schema_name) + "." + text(data->table_name);
    fault.column = text(data->column_name);
    fault.constraint = text(data->constraint_name);
    fault.by_user_code = raised_by_language(data->filename);
    fault.raised = data->funcname != nullptr && std::strcmp(data->funcname, "exec_stmt_raise") == 0;
    fault.contexts = contexts;
    FreeErrorData(data);
    throw Error(std::move(fault));
}

void note_exception() noexcept {
    noted.detail[0] = noted.hint[0] = '\0';
    noted.sqlstate = ERRCODE_INTERNAL_ERROR;
    try {
        throw;
    } catch (const Error& e) {
        noted.sqlstate = pack_sqlstate(e.fault.sqlstate);
        copy_text(noted.message, sizeof noted.message, e.fault.message);
        copy_text(noted.detail, sizeof noted.detail, e.fault.detail);
        copy_text(noted.hint, sizeof noted.hint, e.fault.hint);
    } catch (const std::bad_alloc&) {
        noted.sqlstate = ERRCODE_OUT_OF_MEMORY;
        std::strcpy(noted.message, "out of memory");
    } catch (const std::exception& e) {
        std::strncpy(noted.message, e.what(), sizeof noted.message - 1);
        noted.message[sizeof noted.message - 1] = '\0';
    } catch (...) {
        std::strcpy(noted.message, "unknown C++ exception");
    }
}

void raise_noted() {
    ereport(ERROR, errcode(noted.sqlstate), errmsg_internal("%s", noted.message),
            noted.detail[0] != '\0' ? errdetail_internal("%s", noted.detail) : 0,
            noted.hint[0] != '\0' ? errhint("%s", noted.hint) : 0);
    pg_unreachable();
}

} // namespace detail

ErrorClass classify(std::string_view s) {
    std::string_view cls = s.substr(0, 2);
    if (s == "40001" || s == "40P01" || s == "57014")
        return ErrorClass::retry;
    if (s == "55P03")
        return ErrorClass::locked;
    // 08 and HV00N: what a trigger or a foreign partition needs is out of reach, whatever the
    // record.
    if (cls == "53" || cls == "57" || cls == "58" || cls == "08" || s == "HV00N" || s == "25006" ||
        s == "XX001" || s == "XX002")
        return ErrorClass::environment;
    if (cls == "42" || cls == "55")
        return ErrorClass::target;
    return ErrorClass::data;
}

} // namespace kcs::pg
