// The frame of every chart. Labels are HTML beside the drawing and places inside are per cent, so that a narrow screen
// squeezes the curve but never the text.
#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "engine/cold/telemetry/report_parts.hpp"
#include "engine/cold/telemetry/words.hpp"

namespace martinet::report {

std::size_t gutter_of(const std::vector<AxisMark>& rows) {
  std::size_t longest = 7;  // so that the left edges of most charts of a page stand in one line
  for (const AxisMark& mark : rows) longest = std::max(longest, words::width_of(mark.label));
  return longest + 2;
}

void begin_plot(std::string& out, const std::vector<AxisMark>& rows, const std::vector<AxisMark>& columns, int height_px,
                std::size_t gutter_ch, std::string_view name, std::string_view attributes) {
  auto to = std::back_inserter(out);
  fmt::format_to(to, "<div class=\"plot\" style=\"--gutter:{}ch\"><div class=\"rows\">", gutter_ch);
  for (const AxisMark& mark : rows) fmt::format_to(to, "<span style=\"top:{:.2f}%\">{}</span>", (1 - mark.at) * 100, escaped(mark.label));
  fmt::format_to(to, "</div>\n<svg class=\"canvas\" role=\"img\" aria-label=\"{}\" style=\"height:{}px\"{}><g class=\"grid\">",
                 escaped(name), height_px, attributes);
  for (const AxisMark& mark : rows) {
    fmt::format_to(to, "<line{1} x1=\"0\" x2=\"100%\" y1=\"{0:.2f}%\" y2=\"{0:.2f}%\"/>", (1 - mark.at) * 100,
                   mark.at == 0 ? " class=\"base\"" : "");
  }
  for (const AxisMark& mark : columns) fmt::format_to(to, "<line x1=\"{0:.2f}%\" x2=\"{0:.2f}%\" y1=\"0\" y2=\"100%\"/>", mark.at * 100);
  out += "</g>\n";
}

void end_plot(std::string& out, const std::vector<AxisMark>& columns) {
  out += "</svg>\n";
  if (!columns.empty()) {
    out += "<div class=\"columns\">";
    for (std::size_t i = 0; i < columns.size(); ++i) {
      // On a phone every other label is hidden, but never the one that says the date.
      const bool odd = i % 2 == 1 && columns[i].sublabel.empty();
      fmt::format_to(std::back_inserter(out), "<span{} style=\"left:{:.2f}%\">{}{}{}</span>", odd ? " class=\"odd\"" : "",
                     columns[i].at * 100, escaped(columns[i].label), columns[i].sublabel.empty() ? "" : "<br>",
                     escaped(columns[i].sublabel));
    }
    out += "</div>\n";
  }
  out += "</div>\n";
}

}  // namespace martinet::report
