#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <variant>

namespace kcs {

/// What an error means for the flow (design, section 4, error classes).
enum class ErrorClass : uint8_t {
    data,        ///< the record's fault: a dead letter where one single record reproduces it
    retry,       ///< serialization failure, deadlock, cancel: the same batch again, with back-off
    waiting,     ///< a record of another partition may bring what it needs: its partition waits
    locked,      ///< lock timeout: only that table's partitions wait
    environment, ///< disk, memory, privileges on our own objects: pause everything, resume by
                 ///< itself
    target,      ///< the target table cannot take this: park it with a reason
    ddl,         ///< creating or altering a target failed: never a data error
    internal     ///< a bug of ours: treated as environment, logged with where it came from
};

inline constexpr int kErrorClasses = 8;

/// Name for log lines and views: "data", "retry", ...
const char* error_class_name(ErrorClass cls);

/// An error as a value. Texts follow PostgreSQL's style guide: message lower-case without a final
/// period, detail and hint whole sentences. They may hold row values (the hint, too, where a
/// trigger raised it), so they go to dead_letters only, unless `ours`; sqlstate, table, column and
/// constraint go anywhere.
struct Fault {
    ErrorClass cls = ErrorClass::data;
    bool ours = false;         ///< the texts are our own or the catalog's: no row values in them
    bool by_user_code = false; ///< raised by a function in a procedural language
    /// By a RAISE: its SQLSTATE is what somebody's trigger says, not what befell the server.
    bool raised = false;
    int contexts = 0;               ///< error contexts inside ErrorContexts when it was raised
    bool fenced = false;            ///< the record goes behind an earlier dead letter of its row
    std::string sqlstate = "22000"; ///< five characters
    std::string message;
    std::string detail;
    std::string hint;
    std::string table;      ///< schema-qualified, where known
    std::string column;     ///< where known
    std::string constraint; ///< where known

    /// Raised by somebody's code, which may name values in place of a table, a column or a
    /// constraint.
    bool names_of_others() const { return by_user_code || raised; }
    /// By the server, while code that a target brings along was running.
    bool in_target_code() const { return contexts > 1; }

    static Fault data(std::string sqlstate, std::string message, std::string column = {}) {
        Fault f;
        f.sqlstate = std::move(sqlstate);
        f.message = std::move(message);
        f.column = std::move(column);
        return f;
    }
    static Fault of(ErrorClass cls, std::string sqlstate, std::string message) {
        Fault f;
        f.cls = cls;
        f.ours = true;
        f.sqlstate = std::move(sqlstate);
        f.message = std::move(message);
        return f;
    }
};

/// A value or a Fault. `if (!r) return r.fault();`
template <typename T> class [[nodiscard]] Result {
public:
    Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
    Result(Fault fault) : state_(std::in_place_index<1>, std::move(fault)) {}

    explicit operator bool() const { return state_.index() == 0; }
    T& operator*() { return std::get<0>(state_); }
    const T& operator*() const { return std::get<0>(state_); }
    T* operator->() { return &std::get<0>(state_); }
    const T* operator->() const { return &std::get<0>(state_); }
    Fault& fault() { return std::get<1>(state_); }
    const Fault& fault() const { return std::get<1>(state_); }

private:
    std::variant<T, Fault> state_;
};

} // namespace kcs
