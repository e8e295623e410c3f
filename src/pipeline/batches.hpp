#pragma once

#include "pipeline/batch.hpp"
#include "pipeline/helper_thread.hpp"

#include <memory>
#include <unordered_set>

namespace kcs {

/// The batch at hand, and while it is applied the one behind it, whose records a thread decodes
/// meanwhile, once it has freed those of the batch before. Neither has effects but on decoder and
/// source: whether a record counts is found out on the main thread as ever, when its batch comes to
/// hand.
class Batches {
public:
    explicit Batches(const Settings& settings);

    void configure(const Settings& settings);
    Batch& now() { return *now_; }

    /// Polls what is behind the batch at hand and begins to decode it. Only of use where more
    /// records wait than a batch takes.
    void look_ahead(Source& source, size_t max_records, size_t max_bytes);
    /// Waits for the thread, as whatever changes batches or decoder does.
    void rest() noexcept { thread_.finish(); }
    bool ahead() const { return !next_->empty(); }
    /// Gives back what was read ahead. Returns the slots whose records it held: they are to be
    /// fetched again.
    std::unordered_set<uint32_t> drop_ahead(Source& source);

    /// Empties the batch at hand; what was read ahead, if anything, is the batch at hand now.
    void advance(Source& source);
    /// Empties both.
    void clear(Source& source);
    /// How long the thread has worked since the last call (us).
    int64_t take_ahead_us();

private:
    Decoder decoder_;
    std::unique_ptr<Batch> now_, next_;
    bool wanted_; ///< by the settings
    int64_t ahead_us_ = 0;
    HelperThread thread_;
};

} // namespace kcs
