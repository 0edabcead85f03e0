// The march kernels on real memory with planted faults. The memory is mapped twice: the kernel sees one view, faults
// are planted through the other.
#include <sys/mman.h>
#include <unistd.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "backgrounds.hpp"
#include "kernels/element_kernel.hpp"
#include "kernels/fill_kernels.hpp"
#include "march/element.hpp"

using namespace memory;
using march::Operation;

namespace {

/// The same memory at two addresses.
class TwoViews {
 public:
  explicit TwoViews(size_t line_count) : lines(line_count) {
    fd_ = memfd_create("two-views", MFD_CLOEXEC);
    REQUIRE(ftruncate(fd_, static_cast<off_t>(bytes())) == 0);
    words = map();
    other = map();
  }
  ~TwoViews() {
    munmap(words, bytes());
    munmap(other, bytes());
    close(fd_);
  }
  TwoViews(const TwoViews&) = delete;
  TwoViews& operator=(const TwoViews&) = delete;
  size_t bytes() const { return lines * line_bytes; }

  size_t lines;
  uint64_t *words, *other;

 private:
  uint64_t* map() const {
    void* place = mmap(nullptr, bytes(), PROT_READ | PROT_WRITE, MAP_SHARED, fd_, 0);
    REQUIRE(place != MAP_FAILED);
    return static_cast<uint64_t*>(place);
  }
  int fd_;
};

struct List : MismatchSink {
  std::vector<Mismatch> all;
  void add(const Mismatch& mismatch) override { all.push_back(mismatch); }
};

constexpr Operation r0{false, false}, r1{false, true}, w0{true, false}, w1{true, true};

using Apply = std::function<void(const ElementWork&)>;

/// Runs elements on a memory, as the test does.
struct Runner {
  const Apply& apply;
  TwoViews& memory;
  List list;
  Line zero{};
  Flush flush = Flush::none;

  void operator()(const std::vector<Operation>& operations, bool down = false) {
    apply({memory.words,
           memory.lines,
           down,
           operations.data(),
           operations.size(),
           {zero, complement(zero)},
           flush,
           &list});
  }
};

/// Everything that a kernel must do; says what it does wrong. An empty answer: it is right.
std::string faults_of(const Apply& apply, Flush flush) {
  std::string faults;
  const auto expect = [&](bool good, const std::string& what) {
    if (!good) faults += what + "; ";
  };
  const size_t lines = flush == Flush::operation ? 64 : 1024;
  TwoViews memory(lines);
  const auto holds = [&](const Line& line) {
    for (size_t i = 0; i < lines * line_words; ++i)
      if (memory.other[i] != line.word[i % line_words]) return false;
    return true;
  };
  for (size_t number = 0; number < background_count; ++number) {
    Runner run{apply, memory, {}, background(number), flush};
    const std::string with = " with background " + std::to_string(number);

    // A sound memory passes, and holds what was written, everywhere.
    run({w0});
    run({r0, w1});
    expect(holds(complement(run.zero)), "memory does not hold the complement" + with);
    run({r1, w0}, true);
    run({r0, r0, w1, r1, w0, r0});
    run({r0});
    expect(run.list.all.empty(), "a mismatch in sound memory" + with);
    expect(holds(run.zero), "memory does not hold what was written" + with);

    // One flip: one mismatch, at the right word, bit and operation, in every shape of element.
    struct Shape {
      std::vector<Operation> operations;
      std::vector<size_t> seen_at;  // the operations that must see the flip
    };
    const Shape shapes[] = {{{r0}, {0}},
                            {{r0, w1}, {0}},
                            {{r0, r0}, {0, 1}},
                            {{r0, w1, r1}, {0}},
                            {{r0, r0, w1, w1}, {0, 1}},
                            {{r0, w0, r0, r0, w1, r1}, {0}},
                            {{w0, r0}, {}}};
    for (const Shape& shape : shapes)
      for (const bool down : {false, true})
        for (const size_t victim : {size_t{0}, size_t{11}, lines * line_words - 1}) {
          run({w0});
          run.list.all.clear();
          memory.other[victim] ^= uint64_t{1} << (victim % 64);
          run(shape.operations, down);
          bool right = run.list.all.size() == shape.seen_at.size();
          for (size_t i = 0; right && i < shape.seen_at.size(); ++i) {
            const Mismatch& m = run.list.all[i];
            const uint64_t expected = run.zero.word[victim % line_words];
            right = m.word == memory.words + victim && m.expected == expected &&
                    m.actual == (expected ^ uint64_t{1} << (victim % 64)) && m.operation == shape.seen_at[i];
          }
          expect(right, "one flip is not one mismatch" + with);
        }

    // The order: of two wrong words, the one that comes first is told first.
    for (const bool down : {false, true}) {
      run({w0});
      run.list.all.clear();
      memory.other[3 * line_words] ^= 1, memory.other[40 * line_words] ^= 1;
      run({r0, w1}, down);
      expect(run.list.all.size() == 2 && (run.list.all[0].word > run.list.all[1].word) == down,
             std::string("the order is not ") + (down ? "down" : "up"));
    }
  }
  return faults;
}

}  // namespace

TEST_CASE("every march kernel finds what is planted, and nothing in sound memory") {
  for (const ElementKernel* kernel : element_kernels())
    for (const Flush flush : {Flush::none, Flush::element, Flush::operation}) {
      if (!kernel->supported() || (flush != Flush::none && !can_flush())) {
        WARN("not tried here: " << kernel->name << " with flush " << static_cast<int>(flush));
        continue;
      }
      INFO(kernel->name);
      CHECK(faults_of(kernel->apply, flush) == "");
    }
}

TEST_CASE("a kernel with a step left out does not pass the check above") {
  struct Deaf : MismatchSink {
    MismatchSink* to = nullptr;
    size_t dropped = 3;
    void add(const Mismatch& m) override {
      if (reinterpret_cast<uint64_t>(m.word) / 8 % line_words != dropped) to->add(m);
    }
  };
  struct Once : MismatchSink {
    MismatchSink* to = nullptr;
    bool told = false;
    void add(const Mismatch& m) override {
      if (!std::exchange(told, true)) to->add(m);
    }
  };
  const auto real = element_scalar.apply;
  const std::vector<std::pair<const char*, Apply>> mutants = {{"one word of each line is not compared",
                                                               [&](ElementWork work) {
                                                                 Deaf deaf;
                                                                 deaf.to = work.sink;
                                                                 work.sink = &deaf;
                                                                 real(work);
                                                               }},
                                                              {"the last line is left out",
                                                               [&](ElementWork work) {
                                                                 --work.lines;
                                                                 real(work);
                                                               }},
                                                              {"always upwards",
                                                               [&](ElementWork work) {
                                                                 work.down = false;
                                                                 real(work);
                                                               }},
                                                              {"the last operation is left out",
                                                               [&](ElementWork work) {
                                                                 if (work.operation_count > 1) --work.operation_count;
                                                                 real(work);
                                                               }},
                                                              {"the first operation is left out",
                                                               [&](ElementWork work) {
                                                                 if (work.operation_count > 1)
                                                                   --work.operation_count, ++work.operations;
                                                                 real(work);
                                                               }},
                                                              {"the count of errors begins anew",
                                                               [&](ElementWork work) {
                                                                 Once once;
                                                                 once.to = work.sink;
                                                                 work.sink = &once;
                                                                 real(work);
                                                               }},
                                                              {"zeros and ones are the same", [&](ElementWork work) {
                                                                 work.pattern[1] = work.pattern[0];
                                                                 real(work);
                                                               }}};
  for (const auto& [what, apply] : mutants) {
    INFO(what);
    CHECK(faults_of(apply, Flush::none) != "");
  }
}

TEST_CASE("a bit that is stuck is found by March C- while the kernel runs") {
  const auto algorithm = *march::find_algorithm("March C-");
  TwoViews memory(1 << 14);
  for (const ElementKernel* kernel : element_kernels()) {
    if (!kernel->supported()) continue;
    INFO(kernel->name);
    for (const bool stuck : {true, false}) {
      // A helper keeps the bit at one, whatever is written: no cell could do worse.
      std::atomic<bool> end{false};
      std::atomic<uint64_t> asserted{0};
      auto* victim = reinterpret_cast<std::atomic<uint64_t>*>(memory.other + 777);
      std::thread helper([&] {
        while (stuck && !end) victim->fetch_or(uint64_t{1} << 9), ++asserted;
      });
      while (stuck && asserted == 0) std::this_thread::yield();
      struct Memory {
        const ElementKernel& kernel;
        TwoViews& views;
        List list;
        void element(size_t, bool down, const march::Element& element) {
          kernel.apply({views.words,
                        views.lines,
                        down,
                        element.operations.data(),
                        element.operations.size(),
                        {background(0), complement(background(0))},
                        Flush::none,
                        &list});
        }
        void pause() {}
      } piece{*kernel, memory, {}};
      // Until the helper had its turn between a write and a read; one round is nearly always enough.
      for (int round = 0; round < (stuck ? 1000 : 3) && piece.list.all.empty(); ++round)
        march::run(algorithm, piece, [](size_t) { return false; });
      end = true;
      helper.join();
      CHECK(piece.list.all.empty() != stuck);
      for (const Mismatch& m : piece.list.all) {
        CHECK(m.word == memory.words + 777);
        CHECK((m.expected ^ m.actual) == uint64_t{1} << 9);
      }
    }
  }
}

TEST_CASE("own addresses, random words and modulo find one flip, and say where") {
  TwoViews memory(512);
  struct Row {
    const char* what;
    std::function<void(MismatchSink&)> write, read;
  };
  const Row rows[] = {{"own address", [&](MismatchSink&) { write_addresses(memory.words, memory.lines, 7); },
                       [&](MismatchSink& sink) { read_addresses(memory.words, memory.lines, 7, sink); }},
                      {"random", [&](MismatchSink&) { write_random(memory.words, memory.lines, 9, false); },
                       [&](MismatchSink& sink) { read_random(memory.words, memory.lines, 9, false, sink); }},
                      {"random, inverting", [&](MismatchSink&) { write_random(memory.words, memory.lines, 9, false); },
                       [&](MismatchSink& sink) { invert_random(memory.words, memory.lines, 9, sink); }},
                      {"random, inverted",
                       [&](MismatchSink& sink) {
                         write_random(memory.words, memory.lines, 9, false);
                         invert_random(memory.words, memory.lines, 9, sink);
                       },
                       [&](MismatchSink& sink) { read_random(memory.words, memory.lines, 9, true, sink); }},
                      {"modulo", [&](MismatchSink&) { write_modulo(memory.words, memory.lines, 20, 5, 0xF0F0, 2); },
                       [&](MismatchSink& sink) { read_modulo(memory.words, memory.lines, 20, 5, 0xF0F0, sink); }}};
  for (const Row& row : rows) {
    INFO(row.what);
    List sound, faulty;
    row.write(sound);
    row.read(sound);
    CHECK(sound.all.empty());
    row.write(sound);
    memory.other[2025] ^= 64;  // 5 modulo 20
    row.read(faulty);
    REQUIRE(faulty.all.size() == 1);
    CHECK(faulty.all[0].word == memory.words + 2025);
    CHECK((faulty.all[0].expected ^ faulty.all[0].actual) == 64);
  }
}

TEST_CASE("the same seed makes the same random words, and another one others") {
  std::vector<uint64_t> a(512), b(512), c(512);
  write_random(a.data(), 64, 5, false);
  write_random(b.data(), 64, 5, false);
  write_random(c.data(), 64, 6, false);
  CHECK(a == b);
  CHECK(a != c);
}

TEST_CASE("the backgrounds tell every two bits of a line apart") {
  // For each pair of bits there is a background in which they differ: coupling between them can show.
  for (size_t a = 0; a < 512; a += 7)
    for (size_t b = a + 1; b < 512; ++b) {
      bool differ = false;
      for (size_t n = 0; n < background_count; ++n) {
        const Line line = background(n);
        differ = differ || (line.word[a / 64] >> a % 64 & 1) != (line.word[b / 64] >> b % 64 & 1);
      }
      if (!differ) FAIL("bits " << a << " and " << b << " are always alike");
    }
}

TEST_CASE("the kernel that is chosen is one that this machine has") {
  std::vector<uint64_t> words(1 << 17);
  const auto at = reinterpret_cast<uint64_t*>((reinterpret_cast<uint64_t>(words.data()) + 63) / 64 * 64);
  CHECK(choose_kernel(at, (words.size() - 8) / line_words).supported());
  CHECK(find_kernel("mmx") == nullptr);
  CHECK(find_kernel("scalar")->supported());
}
