#pragma once

#include "postgres/pg.hpp"

#include "core/fault.hpp"

#include <csetjmp>
#include <type_traits>

// The seam between exceptions and longjmp. `guard` is the only way from C++ into PostgreSQL,
// `entry_point` the only way from PostgreSQL into C++; nothing else calls sigsetjmp or catches what
// PostgreSQL raised, save transaction.hpp, which aborts.

namespace kcs::pg {

/// An ereport(ERROR) as an exception. Whoever catches it must abort the (sub)transaction (R6).
/// `fault.cls` comes from classify(); the message, detail and hint are PostgreSQL's.
class Error : public std::exception {
public:
    explicit Error(Fault f) : fault(std::move(f)) {}
    const char* what() const noexcept override { return fault.message.c_str(); }
    Fault fault;
};

/// Class of an error met while changing a target (design section 4). Errors on the extension's own
/// objects and in DDL are re-classed by those who know where they happened.
ErrorClass classify(std::string_view sqlstate);

/// While it lives, errors tell how many error contexts of the server they were raised in
/// (`Fault::contexts`): a statement is one, and so is each function in a procedural language.
class ErrorContexts {
public:
    ErrorContexts();
    ~ErrorContexts();
    ErrorContexts(const ErrorContexts&) = delete;
    ErrorContexts& operator=(const ErrorContexts&) = delete;

private:
    ErrorContextCallback mark_;
};

namespace detail {

/// Restores what an error or an exception would leave behind. Process-local state only.
class StackSaver {
public:
    StackSaver() : exception_stack_(PG_exception_stack), context_stack_(error_context_stack) {}
    ~StackSaver() {
        PG_exception_stack = exception_stack_;
        error_context_stack = context_stack_;
    }
    StackSaver(const StackSaver&) = delete;
    StackSaver& operator=(const StackSaver&) = delete;

private:
    sigjmp_buf* exception_stack_;
    ErrorContextCallback* context_stack_;
};

/// Takes the pending error out of PostgreSQL's hands and throws it.
[[noreturn]] void throw_pending_error(MemoryContext context);

/// Text of the exception being handled, into plain memory; then raise_pending() ereports it.
void note_exception() noexcept;
[[noreturn]] void raise_noted();

} // namespace detail

/// Runs `body`, which is written as C: it may call PostgreSQL, and its frame and everything it
/// calls before PostgreSQL hold trivially destructible objects only (R1, R3). An ERROR becomes
/// pg::Error. Guard batches, not rows (R4).
template <typename Body> auto guard(Body&& body) -> decltype(body()) {
    using R = decltype(body());
    static_assert(std::is_void_v<R> || std::is_trivially_copyable_v<R>,
                  "a guarded body returns plain data");
    MemoryContext context = CurrentMemoryContext;
    detail::StackSaver saver;
    sigjmp_buf here;
    if (sigsetjmp(here, 0) == 0) {
        PG_exception_stack = &here;
        return body();
    }
    PG_exception_stack = nullptr; // an error while copying the error must not come back here
    detail::throw_pending_error(context);
}

/// Wraps the C++ body of a function that the server calls. Exceptions become ereport(ERROR) after
/// the handler has been left (R9); pg::Error keeps its SQLSTATE and texts.
template <typename Body> auto entry_point(Body&& body) -> decltype(body()) {
    using R = decltype(body());
    static_assert(std::is_void_v<R> || std::is_trivially_copyable_v<R>,
                  "an entry point returns plain data");
    try {
        return body();
    } catch (...) {
        detail::note_exception();
    }
    detail::raise_noted();
}

} // namespace kcs::pg
