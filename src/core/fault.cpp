#include "core/fault.hpp"

#include "core/pure.hpp"

namespace kcs {

const char* error_class_name(ErrorClass cls) {
    switch (cls) {
    case ErrorClass::data:
        return "data";
    case ErrorClass::retry:
        return "retry";
    case ErrorClass::waiting:
        return "waiting";
    case ErrorClass::locked:
        return "locked";
    case ErrorClass::environment:
        return "environment";
    case ErrorClass::target:
        return "target";
    case ErrorClass::ddl:
        return "ddl";
    case ErrorClass::internal:
        return "internal";
    }
    return "internal";
}

} // namespace kcs
