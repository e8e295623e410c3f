#pragma once

#include <stdexcept>

// Included before RapidJSON, everywhere alike: its checks must not end the process.
#define RAPIDJSON_ASSERT(x)                                                                        \
    do {                                                                                           \
        if (!(x))                                                                                  \
            throw std::logic_error("RapidJSON: " #x);                                              \
    } while (false)
