#pragma once
// The one list of error codes. Each has a class, which decides retry, alert and exit code, and a sentence for people.
// Rejecting an order is a result, not an error: the gate's reasons are in messages/gate_decision.hpp.
#include <cstdint>
#include <string_view>

namespace martinet {

/// What a code is about. The process exit code follows from it (exit_code below).
enum class ErrorClass : std::uint8_t { none, config, data, exchange, order, risk, storage, security, internal };

// name, class, sentence. New codes go at the end of their class; a code's number is not stored anywhere.
#define MT_ERRORS(X)                                                                                           \
  X(ok, none, "no error")                                                                                      \
  X(config_syntax, config, "the configuration is not valid TOML")                                              \
  X(config_unknown_key, config, "the configuration holds a key that does not exist")                           \
  X(config_wrong_type, config, "a configuration value has the wrong type")                                     \
  X(config_out_of_bounds, config, "a configuration value is outside its bounds")                               \
  X(config_missing, config, "a required configuration value is missing")                                       \
  X(config_contradiction, config, "two configuration values contradict each other")                            \
  X(usage, config, "the command line is wrong")                                                                \
  X(bad_json, data, "the message is not valid JSON of the expected shape")                                     \
  X(bad_utf8, data, "the message is not valid UTF-8")                                                          \
  X(bad_number, data, "a number is not a plain decimal")                                                       \
  X(off_grid, data, "a number has more decimals than its instrument's grid")                                   \
  X(number_too_large, data, "a number does not fit in 64 bits on its grid")                                    \
  X(missing_field, data, "a required field is missing")                                                        \
  X(unknown_symbol, data, "the symbol is not in the instrument table")                                         \
  X(unknown_channel, data, "the message belongs to a channel that is not decoded")                             \
  X(unusual_layout, data, "the message does not have the usual layout; the general decoder must read it")      \
  X(frame_too_large, data, "the message is larger than the engine accepts")                                    \
  X(too_deep, data, "the message is nested too deeply")                                                        \
  X(old_protocol, data, "the message belongs to a protocol version that is not spoken")                        \
  X(venue_error, exchange, "the venue answered with an error")                                                 \
  X(bad_row, data, "a row of the file is malformed")                                                           \
  X(bad_header, data, "the header row of the file does not name the needed columns")                           \
  X(not_a_capture, data, "the file is not a martinet capture")                                                 \
  X(not_a_journal, data, "the file is not a martinet journal")                                                 \
  X(unknown_version, data, "the file has a format version that this build does not read")                      \
  X(truncated, data, "the file ends too early")                                                                \
  X(corrupted, data, "the file fails its checksum")                                                            \
  X(empty_file, data, "the file is empty")                                                                     \
  X(out_of_order, data, "receive times go backwards")                                                          \
  X(too_many_instruments, data, "there are more instruments than the table can hold")                          \
  X(unknown_order, order, "the order is not known")                                                            \
  X(duplicate_order, order, "an order with this id exists already")                                            \
  X(filter_price, order, "the price is off tick or outside the venue's limits")                                \
  X(filter_qty, order, "the quantity is off lot or outside the venue's limits")                                \
  X(filter_notional, order, "the notional is below the venue's minimum")                                       \
  X(insufficient_balance, order, "the balance or margin does not cover the order")                             \
  X(reduce_only_refused, order, "a reduce-only order has nothing to reduce")                                   \
  X(would_trigger, order, "a trigger order would trigger at once")                                             \
  X(no_liquidity, order, "there is no price to trade at")                                                      \
  X(too_many_orders, order, "the venue holds no more orders")                                                  \
  X(unsupported_order, order, "the venue does not offer this kind of order")                                   \
  X(instrument_halted, order, "the instrument is not trading")                                                 \
  X(would_cross, order, "a post-only order would have traded at once")                                         \
  X(liquidated, order, "the venue closed the position because its margin was used up")                         \
  X(killed, risk, "the kill switch is on")                                                                     \
  X(lane_full, internal, "the consumer is behind; nothing was queued")                                         \
  X(no_capacity, internal, "a fixed table is full")                                                            \
  X(overflow, internal, "a product does not fit in 64 bits")                                                   \
  X(io_failed, storage, "the system refused a file operation")                                                 \
  X(exists_already, storage, "the output exists already")                                                      \
  X(not_found, storage, "the file or directory does not exist")                                                \
  X(disk_full, storage, "the disk is full")                                                                    \
  X(storage_poisoned, storage, "an earlier write failed; the file is not written any further")                 \
  X(kernel_too_old, storage, "the kernel offers no io_uring; Linux 6 or later is needed")                      \
  X(held_elsewhere, storage, "another process holds the state folder")                                         \
  X(fenced, storage, "a newer epoch exists: this process may not write any further")                           \
  X(needs_operator, storage, "what is on disk cannot be trusted; an operator must decide")                     \
  X(unsafe_permissions, security, "a file or folder is open to others, or is not ours")                        \
  X(checkpoint_mismatch, data, "a checkpoint does not fit the configuration or build that reads it")           \
  X(diverged, internal, "two runs over the same input gave different orders")                                  \
  X(unsupported, config, "this build does not offer what was asked for")                                       \
  X(plugin_refused, config, "a shared object with a strategy does not fit this build")                         \
  X(unsafe_file, security, "a file that is trusted could have been changed by others")                         \
  X(interrupted, internal, "the command was interrupted")

enum class Errc : std::uint8_t {
#define MT_ERROR_NAME(name, error_class, sentence) name,
  MT_ERRORS(MT_ERROR_NAME)
#undef MT_ERROR_NAME
};

[[nodiscard]] std::string_view name_of(Errc code) noexcept;
[[nodiscard]] std::string_view sentence_of(Errc code) noexcept;
[[nodiscard]] ErrorClass class_of(Errc code) noexcept;
[[nodiscard]] std::string_view name_of(ErrorClass error_class) noexcept;

/// Exit code of a process that ends with this class of error: 0 none, 2 config (usage), 3 data, 4 exchange, 5 order, 6 risk,
/// 7 storage, 8 security, 9 internal. (1 is left to the shell and to failed checks.)
[[nodiscard]] int exit_code(ErrorClass error_class) noexcept;

/// True where the same request may simply be made again later.
[[nodiscard]] bool may_retry(ErrorClass error_class) noexcept;

}  // namespace martinet
