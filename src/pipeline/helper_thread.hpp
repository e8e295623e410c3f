#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <pthread.h>

namespace kcs {

/// One thread that does one task at a time beside its owner, who waits for the end of each. It is
/// made for the first task, lives as long as this object, sleeps without a timer between tasks and
/// takes no signal. Tasks see nothing of the server: no memory contexts, no shared memory, no
/// errors (R22).
class HelperThread {
public:
    HelperThread() = default;
    ~HelperThread();
    HelperThread(const HelperThread&) = delete;
    HelperThread& operator=(const HelperThread&) = delete;

    /// Begins `task`, which must not throw. False: the system gives no thread, nothing was begun.
    bool begin(std::function<void()> task);
    /// Waits until the task that was begun has ended.
    void finish() noexcept;

private:
    bool start();
    void run();
    static void* enter(void* self);

    std::mutex mutex_;
    std::condition_variable changed_;
    std::function<void()> task_; ///< empty: none to do
    bool busy_ = false;
    bool leave_ = false;
    bool started_ = false;
    pthread_t thread_{};
};

} // namespace kcs
