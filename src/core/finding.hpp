#pragma once

#include <cstdint>
#include <string>

namespace kcs {

enum class Verdict : uint8_t { ok, warning, error };

/// One row of check(). Texts hold no row values and no secrets.
struct Finding {
    std::string subject; ///< server, settings, sink, client, brokers, topics, "topic srv.app.items"
    std::string item;
    Verdict verdict = Verdict::ok;
    std::string found;
    std::string hint; ///< what to do; empty where there is nothing to
};

inline const char* verdict_name(Verdict verdict) {
    return verdict == Verdict::ok ? "ok" : verdict == Verdict::warning ? "warning" : "error";
}

} // namespace kcs
