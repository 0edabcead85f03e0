#include "live_server.hpp"

#include <openssl/crypto.h>

#include <boost/asio.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <chrono>
#include <list>
#include <optional>

#include "core/errors.hpp"

namespace assay::app {

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using asio::ip::tcp;
using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

/// All come from one address, this machine's own: so these are for all together.
constexpr size_t most_connections = 64, most_viewers = 6;
constexpr uint32_t most_header = 8192;  // bytes; no request has a body
constexpr auto time_to_ask = 5s, time_to_take = 5s, say_again_after = 5s;
constexpr auto rest_after_fault = 100ms;

std::string parameter(const std::string& query, const std::string& name) {
  for (size_t at = 0; at < query.size();) {
    const size_t end = std::min(query.find('&', at), query.size());
    if (query.compare(at, name.size() + 1, name + "=") == 0)
      return query.substr(at + name.size() + 1, end - at - name.size() - 1);
    at = end + 1;
  }
  return {};
}

}  // namespace

class LiveServer::State {
 public:
  State(LivePages given, std::string secret) : pages(std::move(given)), token(std::move(secret)) {}

  class Connection;
  void accept();
  bool may_view() const;
  void show();

  LivePages pages;
  std::string token;
  std::list<Connection*> connections;  // the oldest first; outlives what waits below
  asio::io_context io;
  tcp::acceptor acceptor{io};
  asio::steady_timer rest{io};
  std::string state;
  uint64_t number = 0;
};

/// One connection, one request. Lives as long as something is awaited for it.
class LiveServer::State::Connection : public std::enable_shared_from_this<Connection> {
 public:
  Connection(tcp::socket socket, State& server) : server_(server), stream_(std::move(socket)) {
    place_ = server_.connections.insert(server_.connections.end(), this);
    parser_.header_limit(most_header);
  }
  ~Connection() { server_.connections.erase(place_); }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  bool is_viewer() const { return viewer_; }
  void close() { stream_.close(); }

  void read() {
    stream_.expires_after(time_to_ask);  // for the whole request, however its bytes trickle in
    http::async_read_header(stream_, buffer_, parser_, [self = shared_from_this()](beast::error_code error, size_t) {
      if (!error) self->answer();
    });
  }

  /// Gives a viewer what is new, or after a while the same, so that a connection that died is noticed.
  void show() {
    const auto now = Clock::now();
    if (!viewer_ || writing_ || (known_ == server_.number && now - said_ < say_again_after)) return;
    known_ = server_.number;
    said_ = now;
    writing_ = true;
    event_ = "id: " + std::to_string(known_) + "\ndata: " + server_.state + "\n\n";
    stream_.expires_after(time_to_take);
    asio::async_write(stream_, http::make_chunk(asio::buffer(event_)),
                      [self = shared_from_this()](beast::error_code error, size_t) { self->written(error); });
  }

 private:
  void answer() {
    const auto& request = parser_.get();
    const std::string host(request[http::field::host]), target(request.target());
    // A page elsewhere that gets its name resolved to this machine must not read here.
    if (host.rfind("127.0.0.1:", 0) != 0 && host.rfind("localhost:", 0) != 0) return respond(http::status::forbidden);
    if (request.method() != http::verb::get) return respond(http::status::method_not_allowed);
    const size_t mark = std::min(target.find('?'), target.size());
    const std::string path = target.substr(0, mark);
    if (path == "/style.css") return respond(http::status::ok, "text/css", server_.pages.style);
    if (path == "/script.js") return respond(http::status::ok, "text/javascript", server_.pages.script);
    if (path != "/" && path != "/events") return respond(http::status::not_found);
    const std::string given = parameter(mark < target.size() ? target.substr(mark + 1) : "", "token");
    if (given.size() != server_.token.size() || CRYPTO_memcmp(given.data(), server_.token.data(), given.size()) != 0)
      return respond(http::status::forbidden, "text/plain",
                     "The address of this page has a token; `assay serve` printed it.\n");
    if (path == "/") return respond(http::status::ok, "text/html", server_.pages.page);
    if (!server_.may_view()) return respond(http::status::service_unavailable);
    view();
  }

  template <class Response>
  void set_headers(Response& response, const std::string& type) const {
    response.set(http::field::content_type, type);
    response.set("Content-Security-Policy",
                 "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; base-uri 'none'; "
                 "form-action 'none'; frame-ancestors 'none'");
    response.set("X-Content-Type-Options", "nosniff");
    response.set("Referrer-Policy", "no-referrer");
    response.set(http::field::cache_control, "no-store");
    response.keep_alive(false);
  }

  void respond(http::status status, const std::string& type = "text/plain", const std::string& body = "") {
    response_ = http::response<http::string_body>(status, 11);
    set_headers(response_, type);
    response_.body() = body;
    response_.prepare_payload();
    stream_.expires_after(time_to_take);
    http::async_write(stream_, response_, [self = shared_from_this()](beast::error_code error, size_t) {
      if (!error) self->stream_.socket().shutdown(tcp::socket::shutdown_send, error);
    });
  }

  void view() {
    viewer_ = writing_ = true;
    head_ = http::response<http::empty_body>(http::status::ok, 11);
    set_headers(head_, "text/event-stream");
    head_.chunked(true);
    serializer_.emplace(head_);
    stream_.expires_after(time_to_take);
    http::async_write_header(stream_, *serializer_,
                             [self = shared_from_this()](beast::error_code error, size_t) { self->written(error); });
  }

  void written(beast::error_code error) {
    writing_ = false;
    if (error) {
      viewer_ = false;
      kept_.reset();
      return;
    }
    stream_.expires_never();
    kept_ = shared_from_this();  // between two events nothing is awaited
    if (known_ != server_.number) show();
  }

  State& server_;
  std::list<Connection*>::iterator place_;
  beast::tcp_stream stream_;
  beast::flat_buffer buffer_{most_header};
  http::request_parser<http::empty_body> parser_;
  http::response<http::string_body> response_;
  http::response<http::empty_body> head_;
  std::optional<http::response_serializer<http::empty_body>> serializer_;
  std::shared_ptr<Connection> kept_;
  std::string event_;
  bool viewer_ = false, writing_ = false;
  uint64_t known_ = 0;
  Clock::time_point said_;

 public:
  void forget() { kept_.reset(); }
};

void LiveServer::State::accept() {
  acceptor.async_accept([this](beast::error_code error, tcp::socket socket) {
    if (error == asio::error::operation_aborted) return;
    if (error) {  // no descriptor left, say: not again at once
      rest.expires_after(rest_after_fault);
      return rest.async_wait([this](beast::error_code) { accept(); });
    }
    if (connections.size() >= most_connections)
      for (Connection* oldest : connections)
        if (!oldest->is_viewer()) {
          oldest->close();
          break;
        }
    std::make_shared<Connection>(std::move(socket), *this)->read();
    accept();
  });
}

bool LiveServer::State::may_view() const {
  size_t viewers = 0;
  for (const Connection* connection : connections) viewers += connection->is_viewer() ? 1 : 0;
  return viewers < most_viewers;
}

void LiveServer::State::show() {
  for (auto at = connections.begin(); at != connections.end();) (*at++)->show();
}

LiveServer::LiveServer(LivePages pages, std::string token, int port)
    : state_(std::make_unique<State>(std::move(pages), std::move(token))) {
  beast::error_code error;
  const tcp::endpoint place(asio::ip::address_v4::loopback(), static_cast<uint16_t>(port));
  state_->acceptor.open(place.protocol(), error);
  if (!error) state_->acceptor.set_option(asio::socket_base::reuse_address(true), error);
  if (!error) state_->acceptor.bind(place, error);
  if (!error) state_->acceptor.listen(asio::socket_base::max_listen_connections, error);
  if (error)
    throw core::BadInput("--port " + std::to_string(port) + ": cannot be used: " + error.message() +
                         "; name another, or none");
  state_->accept();
}

LiveServer::~LiveServer() {
  // What waits for connections goes first: it holds them.
  std::list<State::Connection*> left = state_->connections;
  for (State::Connection* connection : left) connection->close(), connection->forget();
  state_->acceptor.close();
  state_->io.restart();
  state_->io.poll();
}

int LiveServer::port() const { return state_->acceptor.local_endpoint().port(); }
void LiveServer::run() { state_->io.run(); }
void LiveServer::stop() { state_->io.stop(); }

void LiveServer::show(const std::string& state) {
  asio::post(state_->io, [this, state] {
    if (state != state_->state) state_->state = state, ++state_->number;
    state_->show();
  });
}

}  // namespace assay::app
