#include "pipeline/helper_thread.hpp"

#include <csignal>
#include <utility>

#include "core/pure.hpp"

namespace kcs {

namespace {

/// As much as the main thread usually has: decoding goes as deep there.
constexpr size_t kStackBytes = size_t{8} << 20;

} // namespace

HelperThread::~HelperThread() {
    if (!started_)
        return;
    {
        std::lock_guard<std::mutex> lock(mutex_);
        leave_ = true;
    }
    changed_.notify_all();
    pthread_join(thread_, nullptr);
}

bool HelperThread::begin(std::function<void()> task) {
    if (!started_ && !start())
        return false;
    {
        std::lock_guard<std::mutex> lock(mutex_);
        task_ = std::move(task);
        busy_ = true;
    }
    changed_.notify_all();
    return true;
}

void HelperThread::finish() noexcept {
    if (!started_)
        return;
    std::unique_lock<std::mutex> lock(mutex_);
    changed_.wait(lock, [this] { return !busy_; });
}

// The server's signals are the main thread's: a thread inherits the mask it is made under.
bool HelperThread::start() {
    pthread_attr_t attributes;
    if (pthread_attr_init(&attributes) != 0)
        return false;
    pthread_attr_setstacksize(&attributes, kStackBytes);
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    started_ = pthread_create(&thread_, &attributes, enter, this) == 0;
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
    pthread_attr_destroy(&attributes);
    return started_;
}

void* HelperThread::enter(void* self) {
    static_cast<HelperThread*>(self)->run();
    return nullptr;
}

void HelperThread::run() {
    std::unique_lock<std::mutex> lock(mutex_);
    for (;;) {
        changed_.wait(lock, [this] { return leave_ || task_ != nullptr; });
        if (task_ == nullptr)
            return;
        std::function<void()> task = std::exchange(task_, nullptr);
        lock.unlock();
        task();
        lock.lock();
        busy_ = false;
        changed_.notify_all();
    }
}

} // namespace kcs
