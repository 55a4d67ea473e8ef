#include "engine/app/explain.hpp"

#include <fmt/format.h>

#include "tools/martinet/command.hpp"

namespace martinet::cli {

int run_explain(const ExplainArguments& arguments) {
  install_interrupt_handler();
  const Result<Explanation> explanation = explain({arguments.session, arguments.order, arguments.input, &interrupted()});
  if (!explanation) return fail(explanation.error());
  fmt::print("{}", arguments.json ? explanation_json(*explanation) + "\n" : explanation_text(*explanation, stdout_is_terminal()));
  return 0;
}

}  // namespace martinet::cli
