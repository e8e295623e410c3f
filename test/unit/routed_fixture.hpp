#pragma once

#include "decoder_fixture.hpp"

namespace kcs::test {

/// Routes by the exact name of their topic.
class FakeRoutes : public Routes {
public:
    std::vector<Route> routes;
    int asked = 0;

    const Route* find(std::string_view topic) override {
        ++asked;
        for (const Route& route : routes)
            if (route.topic == topic)
                return &route;
        return nullptr;
    }
};

/// A decoder with a route for the fixture's topic.
class RoutedTest : public DecoderTest {
protected:
    RoutedTest() { route_.topic = "srv.public.t"; }

    /// Takes route_ as it is now.
    void use(const DecoderSettings& settings = {}) {
        auto routes = std::make_shared<FakeRoutes>();
        routes->routes = {route_};
        decoder.configure(settings, routes);
        routes_ = routes;
    }
    static std::string all(const Row& row) {
        std::string out;
        for (size_t i = 0; row && i < row.layout->columns.size(); ++i) {
            const Value& v = row.values[i];
            out += (out.empty() ? "" : " ") + row.layout->columns[i].name + "=";
            switch (v.kind) {
            case ValueKind::integer:
                out += std::to_string(v.integer);
                break;
            case ValueKind::text:
            case ValueKind::json:
            case ValueKind::token_number:
            case ValueKind::token_text:
            case ValueKind::token_json:
                out += v.text();
                break;
            case ValueKind::array:
                for (uint32_t n = 0; n < v.size; ++n)
                    out += (n == 0 ? "" : ",") + std::string(v.items[n].text());
                break;
            case ValueKind::null:
                out += "null";
                break;
            default:
                out += "#" + std::to_string(static_cast<int>(v.kind));
            }
        }
        return out;
    }

    Route route_;
    std::shared_ptr<FakeRoutes> routes_;
};

} // namespace kcs::test
