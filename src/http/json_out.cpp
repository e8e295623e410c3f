#include "http/json_out.hpp"

#include "core/rapidjson_assert.hpp"
#include "http/plain_text.hpp"

#include <cmath>
#include <cstdio>
#include <ctime>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include "core/pure.hpp"

namespace kcs {

struct JsonOut::Writer {
    rapidjson::StringBuffer buffer;
    rapidjson::Writer<rapidjson::StringBuffer> to{buffer};
};

namespace {

rapidjson::SizeType size_of(std::string_view text) {
    return static_cast<rapidjson::SizeType>(text.size());
}

} // namespace

JsonOut::JsonOut() : writer_(new Writer) {
    writer_->to.StartObject();
}
JsonOut::~JsonOut() = default;

JsonOut& JsonOut::text(const char* name, std::string_view value) {
    if (value.empty())
        return null(name);
    std::string plain = plain_text(value);
    writer_->to.Key(name);
    writer_->to.String(plain.data(), size_of(plain));
    return *this;
}

JsonOut& JsonOut::number(const char* name, int64_t value) {
    writer_->to.Key(name);
    writer_->to.Int64(value);
    return *this;
}

JsonOut& JsonOut::known(const char* name, int64_t value) {
    return value < 0 ? null(name) : number(name, value);
}

JsonOut& JsonOut::real(const char* name, double value) {
    if (!std::isfinite(value) || value < 0)
        return null(name);
    writer_->to.Key(name);
    writer_->to.Double(value);
    return *this;
}

JsonOut& JsonOut::seconds(const char* name, int64_t us) {
    return real(name, us < 0 ? -1 : static_cast<double>(us) / 1e6);
}

JsonOut& JsonOut::moment(const char* name, int64_t us) {
    // A source may say anything; what is told has a year of four digits.
    constexpr int64_t kYear1000Us = -INT64_C(30610224000000000);
    constexpr int64_t kYear10000Us = INT64_C(253402300800000000);
    if (us == 0 || us < kYear1000Us || us >= kYear10000Us)
        return null(name);
    int64_t ms = us / 1000 - (us % 1000 < 0 ? 1 : 0);
    time_t whole = ms / 1000 - (ms % 1000 < 0 ? 1 : 0);
    tm parts{};
    gmtime_r(&whole, &parts);
    char day[32], all[48];
    std::strftime(day, sizeof day, "%Y-%m-%dT%H:%M:%S", &parts);
    std::snprintf(all, sizeof all, "%s.%03dZ", day, static_cast<int>(ms - whole * 1000));
    writer_->to.Key(name);
    writer_->to.String(all);
    return *this;
}

JsonOut& JsonOut::null(const char* name) {
    writer_->to.Key(name);
    writer_->to.Null();
    return *this;
}

JsonOut& JsonOut::object(const char* name) {
    writer_->to.Key(name);
    writer_->to.StartObject();
    return *this;
}

JsonOut& JsonOut::array(const char* name) {
    writer_->to.Key(name);
    writer_->to.StartArray();
    return *this;
}

JsonOut& JsonOut::element() {
    writer_->to.StartObject();
    return *this;
}

JsonOut& JsonOut::end() {
    writer_->to.EndObject();
    return *this;
}

JsonOut& JsonOut::end_array() {
    writer_->to.EndArray();
    return *this;
}

std::string JsonOut::take() {
    writer_->to.EndObject();
    std::string text(writer_->buffer.GetString(), writer_->buffer.GetSize());
    text += '\n';
    return text;
}

} // namespace kcs
