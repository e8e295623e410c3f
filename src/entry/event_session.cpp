#include "entry/event_session.hpp"

#include "pipeline/passed_over.hpp"
#include "postgres/gucs.hpp"
#include "postgres/pin.hpp"
#include "postgres/route_table.hpp"

namespace kcs::pg {

namespace {

/// What a session keeps between calls. Never destroyed: it ends with the process.
struct Session {
    explicit Session(const Settings& s)
        : settings(s), decoder(s.decoder), sink(Scope::subtransaction, s) {}

    /// In the caller's transaction: its own changes of the routes hold for it.
    void follow(const Settings& now) {
        std::shared_ptr<Routes> routes = load_routes(settings.routes);
        decoder.configure(now.decoder, routes);
        settings = now;
        settings.routes = std::move(routes);
        sink.configure(settings);
    }

    Settings settings;
    Decoder decoder;
    PgSink sink;
    Arena arena;
    bool busy = false;
};

Session* session = nullptr;

/// What an outcome other than `applied` says of a single record.
EventResult result_of(ApplyOutcome outcome) {
    EventResult result;
    result.why = outcome.fault.message;
    switch (outcome.kind) {
    case ApplyOutcome::Kind::applied:
        break;
    case ApplyOutcome::Kind::data:
        result.kind = EventResult::Kind::refused;
        break;
    case ApplyOutcome::Kind::table:
        result.kind = EventResult::Kind::blocked;
        break;
    default:
        throw Error(std::move(outcome.fault));
    }
    result.fault = std::move(outcome.fault);
    return result;
}

} // namespace

EventCall::EventCall() {
    const Settings& now = current_settings();
    if (session == nullptr)
        session = new Session(now);
    if (session->busy)
        throw Error(
            Fault::of(ErrorClass::target, "55006",
                      "a record cannot be applied from within the applying of another one"));
    guard([] {
        if (SPI_connect() != SPI_OK_CONNECT)
            elog(ERROR, "SPI_connect failed");
    });
    level_ = pin_call(now.apply);
    session->follow(now);
    session->busy = true;
}

EventCall::~EventCall() {
    session->decoder.trim();
    session->arena.reset();
    session->busy = false;
}

void EventCall::end() {
    unpin_call(level_);
    guard([] { SPI_finish(); });
}

const Settings& EventCall::settings() const {
    return session->settings;
}

EventResult EventCall::apply(const Record& record, bool reject) {
    Session& s = *session;
    s.arena.reset();
    s.decoder.trim();
    std::vector<Record> records = {record};
    Work work;
    work.records = &records;
    work.arena = &s.arena;
    work.impatient = {{record.slot, {}}}; // what it might need cannot come while it waits
    Decoded decoded = s.decoder.decode(records[0], s.arena);
    EventResult result;
    if (decoded.kind == Decoded::Kind::skip) {
        result.kind = EventResult::Kind::skipped;
        result.why = skip_text(decoded.skip);
        return result;
    }
    if (decoded.kind == Decoded::Kind::reject) {
        bool blocked = decoded.fault.cls != ErrorClass::data;
        result.kind = blocked ? EventResult::Kind::blocked : EventResult::Kind::refused;
        result.why = decoded.fault.message;
        result.fault = decoded.fault;
        result.target = decoded.target;
        if (blocked || !reject)
            return result;
        work.rejects.push_back({0, decoded.target, std::move(decoded.fault)});
    } else {
        if (passed_over(decoded.change, s.settings.apply)) {
            result.kind = EventResult::Kind::skipped;
            result.why = decoded.change.op == Op::truncate ? "truncate event" : "delete";
            return result;
        }
        decoded.change.record = 0;
        decoded.change.ordered = record.partition == 0; // as far as the caller says
        work.changes.push_back(decoded.change);
        result = result_of(s.sink.apply(work, false));
        result.target = work.changes.front().target;
        if (result.kind != EventResult::Kind::refused || !reject)
            return result;
    }
    EventResult written = result_of(s.sink.apply(work, true));
    if (written.kind != EventResult::Kind::applied)
        return written;
    result.rejected = true;
    return result;
}

} // namespace kcs::pg
