#pragma once

#include "postgres/guard.hpp"

#include <optional>
#include <string>
#include <vector>

// check() asks the brokers by a process of its own: librdkafka's threads never live in a user's
// backend, and one that hangs in a name server ends with that process. The two talk over queues in
// a dynamic shared memory segment, one for each way.
//
//   backend                               process
//     starts it                    --->
//                                  <---   client: what its properties say
//                                  <---   topics, or why there are none
//     which topics it asks for     --->
//                                  <---   ends of their partitions
//                                  <---   some records
//                                  <---   whether the Kafka group may be used
//                                  <---   done, and it ends

namespace kcs::pg {

/// The first number of each message of the process.
enum class CheckSays : int64_t { client, topics, unreachable, ends, record, group, done };

/// The backend's end. An error, a cancel or the end of the session detaches the segment, which the
/// process notices within half a second; it is told to end besides.
class CheckProcess {
public:
    /// What it has not answered at `until_us` (steady) it leaves out. False: the server has no free
    /// background worker slot.
    bool start(int64_t until_us);
    bool started() const { return segment_ != nullptr; }
    void send(const std::string& message, int64_t until_us);
    /// The next message; nothing when it did not come in time, or the process has ended.
    std::optional<std::string> receive(int64_t until_us);
    /// Ends it, and waits for that until then.
    void end(int64_t until_us);

private:
    void* segment_ = nullptr;
    void* process_ = nullptr; ///< as the server knows it
    void* questions_ = nullptr;
    void* answers_ = nullptr;
};

/// The process's end. It leaves by itself when it is told to, or when nobody listens any more.
class CheckCaller {
public:
    /// `segment`: what the process was started with. False: the caller has gone.
    bool attach(uint32_t segment);
    int64_t until_us() const { return until_us_; }
    void send(const std::string& message);
    std::string receive();
    /// Ends the process where nobody needs it any more.
    void look_up();

private:
    void* questions_ = nullptr;
    void* answers_ = nullptr;
    std::optional<std::string> question_; ///< there is one; it may come while it was looked up
    int64_t until_us_ = 0;
};

} // namespace kcs::pg
