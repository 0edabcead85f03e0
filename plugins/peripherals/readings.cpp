#include "readings.hpp"

#include <algorithm>
#include <cmath>

#include "sysfs.hpp"

namespace peripherals {
namespace {

using Kind = Remark::Kind;

// Degrees Celsius. 127, -128 and 255 are the ends of a converter's range; indoors a running machine is neither as cold
// nor as hot, but for a part whose own critical limit says that it may be.
constexpr double coldest = -40, open_from = 126, hottest = 150;
constexpr double least_limit = 20;     // 0 and less stand for "none"; no part's limit is the room's temperature
constexpr double near = 5;             // K
constexpr double without_limit = 100;  // for the processor's own sensors that state none
// Revolutions per minute. Lower minima stand there from the factory, as do higher ones.
constexpr double fastest = 30000, least_minimum = 100, most_minimum = 6000;

bool is_limit(const std::optional<double>& limit) { return limit && *limit > least_limit && *limit < hottest; }

/// Names after one another, for one remark on all of them.
class List {
 public:
  void add(const std::string& text) {
    constexpr size_t most = 400;
    if (text_.size() < most) text_ += (text_.empty() ? "" : ", ") + text;
  }
  void put(Judgement& judgement, const char* code, const std::string& head, const std::string& tail) const {
    if (!text_.empty()) judgement.remarks.push_back({Kind::note, code, head + text_ + tail, ""});
  }

 private:
  std::string text_;
};

class Judge {
 public:
  void take(const Temperature& t) {
    const bool critical = is_limit(t.critical), high = is_limit(t.high);
    if (t.now <= coldest || t.now >= hottest || (t.now >= open_from && (!critical || t.says_fault)))
      return open_.add(t.name + " (" + shown(t.now) + " °C)");
    ++result_.read;
    for (const auto& limit : {t.critical, t.high})
      if (limit && !is_limit(limit)) unset_.add(t.name + " (" + shown(*limit) + " °C)");
    const std::string is_at = t.name + " is at " + shown(t.now) + " °C";
    if (t.says_fault)
      return add(Kind::marginal, "sensor-fault", is_at + " and says of itself that it is broken.", t.name);
    if (critical)
      against_critical(t, is_at, high ? std::max(*t.critical, *t.high) : *t.critical);
    else if (high)
      against_high(t, is_at);
    else if (t.now >= without_limit && t.on_die)
      add(Kind::marginal, "hot", is_at + "; it states no limit, and few processors should be as hot.", t.name);
    else if (t.now >= without_limit)
      add(Kind::note, "not-judged", is_at + " and states no limit: it may be an open input.", t.name);
  }

  void take(const Fan& fan) {
    if (fan.now < 0 || fan.now > fastest) return open_.add(fan.name + " (" + shown(fan.now) + " rpm)");
    if (!turns(fan.now)) return stands(fan);
    ++result_.read;
    const std::string turns_at = fan.name + " turns at " + shown(fan.now) + " rpm";
    if (fan.says_fault)
      return add(Kind::marginal, "sensor-fault", turns_at + " and says of itself that it is broken.", fan.name);
    const bool slow = fan.least >= least_minimum && fan.least <= most_minimum && fan.now < fan.least;
    if (slow)
      add(fan.says_alarm ? Kind::marginal : Kind::note, "fan-slow",
          turns_at + "; its minimum is " + shown(fan.least) + " rpm.", fan.name);
  }

  Judgement finish() {
    open_.put(result_, "not-connected", "No reading of a machine that runs, so most likely an open input: ", ".");
    unset_.put(result_, "limit-unset", "No limits, as they cannot be meant: ", ".");
    empty_.put(result_, "not-turning", "No fan has turned there in this run, so most likely none is connected: ", ".");
    return std::move(result_);
  }

 private:
  void add(Kind kind, const char* code, const std::string& text, const std::string& where) {
    result_.remarks.push_back({kind, code, text, where});
  }

  void against_critical(const Temperature& t, const std::string& is_at, double limit) {
    near_to(limit - t.now);
    if (t.now > limit - near)
      add(t.now >= limit ? Kind::fail : Kind::marginal, "hot",
          is_at + "; the most it should reach is " + shown(limit) + " °C.", t.name);
    else
      alarm(t, is_at);
  }

  /// A mark that it should stay below and may pass: nothing breaks there.
  void against_high(const Temperature& t, const std::string& is_at) {
    near_to(*t.high - t.now);
    if (t.now >= *t.high)
      add(Kind::marginal, "hot", is_at + "; it should stay below " + shown(*t.high) + " °C.", t.name);
    else
      alarm(t, is_at);
  }

  /// Set at one time, by a limit that was another, or by mistake: the reading speaks against it.
  void alarm(const Temperature& t, const std::string& is_at) {
    if (t.says_alarm)
      add(Kind::note, "alarm-only", is_at + ", below its limit, and has its alarm set all the same.", t.name);
  }

  void near_to(double margin) { result_.margin = std::min(result_.margin.value_or(margin), margin); }

  void stands(const Fan& fan) {
    if (!turns(fan.before)) return empty_.add(fan.name);
    ++result_.read;
    const std::string stopped = fan.name + " stands still; in this run it has turned at " + shown(fan.before) + " rpm";
    if (fan.told_to_rest) return add(Kind::note, "fan-rests", stopped + ". Its control has let it rest.", fan.name);
    ++result_.stopped_fans;
    add(Kind::fail, "fan-stopped", stopped + ".", fan.name);
  }

  Judgement result_;
  List open_, unset_, empty_;
};

}  // namespace

bool turns(double rpm) { return rpm > 0 && rpm <= fastest; }

Judgement judge(const std::vector<Temperature>& temperatures, const std::vector<Fan>& fans) {
  Judge judge;
  for (const Temperature& temperature : temperatures) judge.take(temperature);
  for (const Fan& fan : fans) judge.take(fan);
  return judge.finish();
}

}  // namespace peripherals
