//! The way out leads nowhere inside, and nobody who answers badly holds us up.

use std::{
    io,
    net::IpAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use http::HeaderMap;
use kit::{
    fetch::{Client, FetchError, Fetched, Lookup, Policy},
    stop::Tasks,
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpListener,
};
use url::Url;

const OPEN: Policy = Policy { private: true };

/// Somebody who answers every request with the same bytes, some of them again and again.
struct Peer {
    tasks: Tasks,
    port: u16,
    calls: Arc<AtomicUsize>,
}

impl Drop for Peer {
    fn drop(&mut self) {
        self.tasks.stop();
    }
}

impl Peer {
    async fn new(answer: &'static str, endless: Option<(&'static str, Duration)>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let tasks = Tasks::default();
        let calls = Arc::new(AtomicUsize::new(0));
        let (inner, counted) = (tasks.clone(), Arc::clone(&calls));
        tasks.spawn("peer", async move {
            loop {
                let accepted = tokio::select! {
                    accepted = listener.accept() => accepted,
                    () = inner.stopped() => return,
                };
                let (mut socket, _) = accepted.unwrap();
                counted.fetch_add(1, Ordering::Relaxed);
                let stopped = inner.clone();
                inner.spawn("answer", async move {
                    let mut head = [0; 4096];
                    let talk = async {
                        let _ = socket.read(&mut head).await?;
                        socket.write_all(answer.as_bytes()).await?;
                        while let Some((more, pause)) = endless {
                            tokio::time::sleep(pause).await;
                            socket.write_all(more.as_bytes()).await?;
                        }
                        io::Result::Ok(())
                    };
                    tokio::select! {
                        _ = talk => {}
                        () = stopped.stopped() => {}
                    }
                });
            }
        });
        Self { tasks, port, calls }
    }

    fn url(&self, host: &str) -> String {
        format!("http://{host}:{}/keys", self.port)
    }

    fn calls(&self) -> usize {
        self.calls.load(Ordering::Relaxed)
    }
}

async fn get(client: &Client, url: &str) -> Result<Fetched, FetchError> {
    client
        .get(&Url::parse(url).unwrap(), HeaderMap::new())
        .await
}

/// A name that leads there, whatever it is.
fn always(addresses: &[&str]) -> Lookup {
    let addresses: Vec<IpAddr> = addresses.iter().map(|text| text.parse().unwrap()).collect();
    Arc::new(move |_| {
        let addresses = addresses.clone();
        Box::pin(async move { Ok(addresses) })
    })
}

#[tokio::test]
async fn r19_no_way_inside() {
    let peer = Peer::new("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}", None).await;
    let client = Client::with_lookup(Policy::default(), always(&["127.0.0.1"]));
    let port = peer.port;
    for host in [
        "127.0.0.1",
        "2130706433",
        "0x7f.1",
        "0177.0.0.1",
        "127.1",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "169.254.169.254",
        "10.0.0.1",
        "172.16.0.1",
        "192.168.0.1",
        "100.64.0.1",
        "0.0.0.0",
        "[fe80::1]",
        "[fc00::1]",
        "[64:ff9b::7f00:1]",
        "localhost",
        "localhost.",
        "LOCALHOST",
        "x.localhost",
        "metadata.google.internal",
        "intranet",
        // a name of the outside that leads inside
        "idp.example",
    ] {
        for scheme in ["https", "http"] {
            let got = get(&client, &format!("{scheme}://{host}:{port}/")).await;
            assert!(matches!(got, Err(FetchError::Forbidden)), "{host}: {got:?}");
        }
    }
    for url in [
        "file:///etc/passwd",
        "gopher://idp.example/",
        "ftp://idp.example/",
        "data:text/plain,x",
        "http://idp.example/",
        "https://user@idp.example/",
        "https://user:word@idp.example/",
        "https://idp.example/#fragment",
        "https://idp.example:22/",
        "https://idp.example:25/",
        "https://idp.example:5432/",
        "https://idp.example:6379/",
    ] {
        let got = get(&client, url).await;
        assert!(matches!(got, Err(FetchError::Forbidden)), "{url}: {got:?}");
    }
    assert_eq!(peer.calls(), 0);
}

#[tokio::test]
async fn r19_one_address_inside_condemns_the_name() {
    let client = Client::with_lookup(
        Policy::default(),
        always(&["93.184.216.34", "169.254.169.254"]),
    );
    let got = get(&client, "https://idp.example/keys").await;
    assert!(matches!(got, Err(FetchError::Forbidden)), "{got:?}");
}

#[tokio::test]
async fn r19_a_name_that_changes_its_address_is_looked_up_once() {
    let peer = Peer::new("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}", None).await;
    let asked = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&asked);
    // first where it may be, then where it must not
    let lookup: Lookup = Arc::new(move |_| {
        let first = counted.fetch_add(1, Ordering::Relaxed) == 0;
        let address = if first { "127.0.0.1" } else { "127.0.0.2" };
        Box::pin(async move { Ok(vec![address.parse().unwrap()]) })
    });
    let client = Client::with_lookup(OPEN, lookup);
    let got = get(&client, &peer.url("idp.example")).await.unwrap();
    assert_eq!(got.success().unwrap(), "{}");
    assert_eq!((asked.load(Ordering::Relaxed), peer.calls()), (1, 1));
}

#[tokio::test]
async fn r19_nothing_is_followed() {
    let inside = Peer::new("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n", None).await;
    for status in ["301", "302", "303", "307", "308", "300", "304"] {
        let answer = format!(
            "HTTP/1.1 {status} There\r\nlocation: {}\r\ncontent-length: 0\r\n\r\n",
            inside.url("127.0.0.1")
        );
        let peer = Peer::new(answer.leak(), None).await;
        let got = get(&Client::new(OPEN), &peer.url("127.0.0.1")).await;
        assert!(
            matches!(got, Err(FetchError::Redirect)),
            "{status}: {got:?}"
        );
    }
    assert_eq!(inside.calls(), 0);
}

#[tokio::test]
async fn r20_slow_huge_endless() {
    let head = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
    let chunk: &'static str = format!("10000\r\n{}\r\n", "x".repeat(65536)).leak();
    let client = Client::new(OPEN);

    let endless = Peer::new(head, Some((chunk, Duration::ZERO))).await;
    let got = get(&client, &endless.url("127.0.0.1")).await;
    assert!(matches!(got, Err(FetchError::TooLarge)), "{got:?}");

    let huge = "HTTP/1.1 200 OK\r\ncontent-length: 99999999\r\n\r\n";
    let huge = Peer::new(huge, Some((chunk, Duration::ZERO))).await;
    let got = get(&client, &huge.url("127.0.0.1")).await;
    assert!(matches!(got, Err(FetchError::TooLarge)), "{got:?}");

    let began = Instant::now();
    let trickle = Peer::new(head, Some(("1\r\nx\r\n", Duration::from_millis(200)))).await;
    let mute = Peer::new("", Some(("", Duration::from_mins(1)))).await;
    let long_head = Peer::new(
        "HTTP/1.1 200 OK\r\n",
        Some(("x-more: and more\r\n", Duration::from_millis(50))),
    )
    .await;
    let (trickle, mute, long_head) = (
        trickle.url("127.0.0.1"),
        mute.url("127.0.0.1"),
        long_head.url("127.0.0.1"),
    );
    let (first, second, third) = tokio::join!(
        get(&client, &trickle),
        get(&client, &mute),
        get(&client, &long_head)
    );
    for got in [first, second, third] {
        assert!(matches!(got, Err(FetchError::TimedOut)), "{got:?}");
    }
    assert!(
        began.elapsed() < Duration::from_secs(8),
        "{:?}",
        began.elapsed()
    );
}

#[tokio::test]
async fn a_refusal_and_an_empty_place_are_told_apart() {
    let peer = Peer::new("HTTP/1.1 404 No\r\ncontent-length: 0\r\n\r\n", None).await;
    let client = Client::new(OPEN);
    let got = get(&client, &peer.url("127.0.0.1"))
        .await
        .unwrap()
        .success();
    assert!(matches!(got, Err(FetchError::Status(404))), "{got:?}");
    let free = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = free.local_addr().unwrap().port();
    drop(free);
    let got = get(&client, &format!("http://127.0.0.1:{port}/")).await;
    assert!(matches!(got, Err(FetchError::Unreachable(_))), "{got:?}");
    // who answers without TLS is nobody that we asked
    let got = get(&client, &peer.url("127.0.0.1").replace("http:", "https:")).await;
    assert!(matches!(got, Err(FetchError::Unreachable(_))), "{got:?}");
}
