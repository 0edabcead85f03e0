#include "journal/chain.hpp"

#include <optional>

#include "chain_state.hpp"
#include "json.hpp"

namespace assay::journal {
namespace {

constexpr int most_depth = 12;  // a link is shallower

struct Link {
  uint64_t number = 0;
  bool ends = false;
  std::string hash, key, signature, trial;
};

std::string text_of(const Json& json, const char* key) {
  const auto found = json.find(key);
  return found != json.end() && found->is_string() ? found->get<std::string>() : "";
}

/// Nothing when the line is no link. Names stand in quotes here that a text within a line cannot have.
std::optional<Link> link_in(const std::string& line) {
  if (line.find(R"("name":"assay.link")") == std::string::npos &&
      line.find(R"("message":"[assay.link] )") == std::string::npos)
    return std::nullopt;
  const auto shallow = [](int depth, Json::parse_event_t, Json&) { return depth <= most_depth; };
  const Json whole = Json::parse(line, shallow, false);
  if (!whole.is_object()) return std::nullopt;
  Link link;
  Json content;
  if (const auto step = whole.find("testStepArtifact"); step != whole.end() && step->is_object()) {
    link.trial = text_of(*step, "testStepId");
    if (const auto given = step->find("extension"); given != step->end() && text_of(*given, "name") == link_name)
      content = given->value("content", Json());
  } else if (const auto run = whole.find("testRunArtifact"); run != whole.end() && run->is_object()) {
    if (const auto log = run->find("log"); log != run->end() && log->is_object()) {
      const std::string message = text_of(*log, "message");
      const size_t at = message.find("] ");
      if (at != std::string::npos) content = Json::parse(message.substr(at + 2), shallow, false);
    }
  }
  if (!content.is_object()) return std::nullopt;
  const auto number = content.find("number"), ends = content.find("ends");
  if (number == content.end() || !number->is_number_unsigned()) return std::nullopt;
  link.number = *number;
  link.ends = ends != content.end() && ends->is_boolean() && *ends;
  link.hash = text_of(content, "hash"), link.key = text_of(content, "key");
  link.signature = text_of(content, "signature");
  return link;
}

}  // namespace

std::string link_text(uint64_t number, const std::string& hash) {
  return "assay journal link " + std::to_string(number) + " " + hash;
}

Chain check_chain(const std::string& journal) {
  Chain chain;
  ChainState state;
  uint64_t line_number = 0, sure_line = 0;
  for (size_t begin = 0, end; (end = journal.find('\n', begin)) != std::string::npos; begin = end + 1) {
    ++line_number;
    const std::string_view whole(journal.data() + begin, end + 1 - begin);
    const auto link = link_in(journal.substr(begin, end - begin));
    if (!link) {
      if (!chain.broken) state.add(whole);
      continue;
    }
    if (chain.broken) {
      chain.broken->last = false;
      break;
    }
    std::string_view ended;
    bool holds = link->number == state.number() + 1;
    if (link->ends) {
      const size_t end_of_ended = journal.find('\n', end + 1);
      if (end_of_ended == std::string::npos)
        holds = false;
      else
        ended = std::string_view(journal.data() + end + 1, end_of_ended - end);
    }
    if (!holds || state.link(ended) != link->hash) {
      chain.broken = Chain::Broken{sure_line + 1, line_number + (link->ends ? 1 : 0), true};
      continue;
    }
    state.add(whole);
    state.add(ended);
    chain.begin_of_last = begin;
    if (!ended.empty()) end += ended.size(), ++line_number;
    chain.hashes.push_back(link->hash);
    chain.sure = end + 1, sure_line = line_number;
    chain.key = link->key, chain.signature = link->signature, chain.after = link->trial;
  }
  return chain;
}

}  // namespace assay::journal
