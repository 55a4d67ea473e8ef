#pragma once
// `martinet replay --session DIR`: a recorded session made once more from what its folder holds, each record held against the journal.
#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "engine/app/config.hpp"
#include "engine/app/decision_probe.hpp"
#include "engine/app/record_words.hpp"
#include "engine/app/session_journal.hpp"

namespace martinet {

struct ReproduceOptions {
  std::filesystem::path session;
  std::filesystem::path input;         ///< the capture, where it is not where the journal says; empty = there
  std::optional<Layout> layout;        ///< instead of the recorded one
  std::optional<EngineConfig> config;  ///< instead of the recorded one: what would it have changed first?
  std::function<void(double, std::uint64_t)> progress;
  const std::atomic<bool>* interrupted = nullptr;
};

/// A record as one side has it.
struct SideRecord {
  journal::RecordType type = journal::RecordType::session;
  std::int64_t ts_ns = 0;
  std::vector<std::byte> payload;
  std::string place;  ///< recorded side: "record 5120, journal-000001.mtj offset 123456"
};

/// Where the order stream (decisions and requests) parts, or where other records do.
struct Divergence {
  std::uint64_t records_before = 0;                              ///< of its kind, identical
  std::optional<SideRecord> recorded, made;                      ///< at least one; empty = that side has ended
  std::optional<OrderRequest> order_recorded, order_made;        ///< the order it is about, or the next one of that side
  std::optional<GateDecision> decision_recorded, decision_made;  ///< behind it, as far as each side has one
  ProbedInput input;                                             ///< on the reproducing side
  std::optional<IndicatorFrame> frame;                           ///< the same: a journal holds no frames
};

struct Reproduction {
  std::string session, input, build_recorded, build_made;
  Layout layout_recorded = Layout::fused, layout_made = Layout::fused;
  std::string ending;                       ///< of the journal, in words
  bool is_prefix = false;                   ///< the journal is not complete: what there is of it was compared
  std::vector<std::string> config_changes;  ///< of configuration, models, plugins: "risk.risk_fraction: 0.01 recorded, 0.02 now"
  std::uint64_t epoch = 0;
  std::uint64_t orders = 0, decisions = 0, others = 0;  ///< identical records
  std::string orders_sha256;                            ///< of these orders, as the order stream (I2)
  std::optional<Divergence> orders_part;
  std::optional<Divergence> others_part;
  InstrumentTable instruments;
  std::vector<std::string> strategy_names;
  std::vector<std::vector<std::string>> slots;  ///< names, by instrument

  [[nodiscard]] bool identical() const noexcept { return !orders_part && !others_part; }
};

/// fails as origin_of and SessionJournal (a damaged journal is never taken for a shorter one), as parse_config, as replay;
///       checkpoint_mismatch where a session that does not begin at the beginning is to be made with something else; interrupted
[[nodiscard]] Result<Reproduction> reproduce(const ReproduceOptions& options);

[[nodiscard]] std::string reproduction_text(const Reproduction& reproduction, bool colour);
[[nodiscard]] std::string reproduction_json(const Reproduction& reproduction);

}  // namespace martinet
