// The page that `assay serve` shows, over HTTP on the loopback address.
#pragma once

#include <memory>
#include <string>

namespace assay::app {

struct LivePages {
  std::string page, style, script;
};

/// Answers GET for the page and for its stream of states, for whoever has the token. One thread serves everybody and
/// waits for nobody: a connection that is silent, slow or one too many is closed, so that none can hold another up.
class LiveServer {
 public:
  /// Binds the port (0: any). Throws core::BadInput when it cannot be had.
  LiveServer(LivePages pages, std::string token, int port);
  ~LiveServer();

  int port() const;
  /// Serves until stop().
  void run();
  /// Any thread; before run() too.
  void stop();
  /// What all viewers shall see now. Any thread; call it about once a second, changed or not.
  void show(const std::string& state);

 private:
  class State;
  std::unique_ptr<State> state_;
};

}  // namespace assay::app
