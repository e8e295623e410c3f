// Routes that change while records flow.
#include "core/routes.hpp"
#include "pipeline_fixture.hpp"

namespace kcs::test {
namespace {

/// One route for everything; stale when told.
class OneRoute : public Routes {
public:
    explicit OneRoute(const std::string& target) { route_.target = target; }
    const Route* find(std::string_view) override { return &route_; }
    bool stale() const override { return old; }
    bool old = false;

private:
    Route route_;
};

class PipelineRoutes : public PipelineTest {
protected:
    std::shared_ptr<OneRoute> use(const std::string& target) {
        auto routes = std::make_shared<OneRoute>(target);
        settings.routes = routes;
        pipeline->configure(settings);
        return routes;
    }
};

TEST_F(PipelineRoutes, RecordsThatWerePolledGoByTheNewOnes) {
    auto routes = use("public.first");
    pipeline->take(0, "p.public.t", 0);
    source.produce(0, "t", 1);
    settle();
    EXPECT_EQ(count("first"), 1U);

    routes->old = true;
    source.produce(0, "t", 2);
    EXPECT_TRUE(pipeline->step().again); // the worker shall read them first
    EXPECT_EQ(sink.applied.size(), 1U);
    use("public.second");
    settle();
    EXPECT_EQ(count("first"), 1U);
    EXPECT_EQ(count("second"), 1U);
    EXPECT_EQ(sink.offsets[0].next, 2);
}

/// Otherwise one of them would pass for the first record of the partition's new position.
TEST_F(PipelineRoutes, RecordsThatWerePolledDoNotOutliveASeek) {
    auto routes = use("public.first");
    pipeline->take(0, "p.public.t", 0);
    for (int id = 0; id < 10; ++id)
        source.produce(0, "t", id);
    settle();
    source.produce(0, "t", 10);
    routes->old = true;
    pipeline->step();
    sink.offsets[0] = {0, -1, 0};
    use("public.second");
    pipeline->reread(0);
    settle();
    EXPECT_EQ(count("second"), 11U);
    EXPECT_EQ(sink.offsets[0].next, 11);
}

TEST_F(PipelineRoutes, ATableThatStandsIsForgotten) {
    use("public.first");
    pipeline->take(0, "p.public.t", 0);
    sink.refuse["first"] = Fault::of(ErrorClass::target, "42P10", "no key");
    source.produce(0, "t", 1);
    pipeline->step();
    EXPECT_EQ(status.partitions[0].first, PartitionState::parked);
    EXPECT_NE(status.tables["first"], "");
    use("public.second");
    settle();
    EXPECT_EQ(count("second"), 1U);
    EXPECT_EQ(status.partitions[0].first, PartitionState::running);
    EXPECT_EQ(status.tables["first"], "");
    // Where nothing changed, it stands again.
    use("public.first");
    source.produce(0, "t", 2);
    clock.now += 10000; // past the linger
    pipeline->step();
    EXPECT_NE(status.tables["first"], "");
}

} // namespace
} // namespace kcs::test
