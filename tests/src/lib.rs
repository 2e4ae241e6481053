//! The harness of the tests: a started server, people who use it over HTTP, stock Yjs clients in Node, raw WebSockets,
//! and update bytes made by hand. It knows the server only by its addresses and its files.

pub mod client;
pub mod frames;
pub mod person;
pub mod server;
pub mod socket;
pub mod update;

pub use client::Client;
pub use person::Person;
pub use server::Server;
pub use socket::Socket;

use std::path::{Path, PathBuf};
use std::time::Duration;

/// The longest that a test waits for one thing it expects to happen.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// Waits for something at most [`PATIENCE`]; says what it was when it did not come.
pub async fn soon<T>(what: &str, future: impl Future<Output = T>) -> T {
    match tokio::time::timeout(PATIENCE, future).await {
        Ok(value) => value,
        Err(_) => panic!("waited {} s in vain for: {what}", PATIENCE.as_secs()),
    }
}

/// Asks again, with growing pauses of at most 100 ms, until the answer is yes.
pub async fn eventually<F: Future<Output = bool>>(what: &str, mut holds: impl FnMut() -> F) {
    let mut pause_ms = 2;
    soon(what, async {
        while !holds().await {
            tokio::time::sleep(Duration::from_millis(pause_ms)).await;
            pause_ms = (pause_ms * 2).min(100);
        }
    })
    .await;
}

/// The folder `tests/` of the checkout.
pub fn folder() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A program that cargo built beside the running test: `target/<profile>/<name>`.
pub fn built(name: &str) -> PathBuf {
    let mut here = std::env::current_exe().expect("a running program has a path");
    here.pop();
    if here.ends_with("deps") {
        here.pop();
    }
    let program = here.join(name);
    assert!(
        program.is_file(),
        "{} is missing: run `cargo build --workspace` first, as `make test` does",
        program.display()
    );
    program
}

/// A small seeded generator (SplitMix64), so that a printed seed repeats a run.
pub struct Dice(pub u64);

impl Dice {
    /// Seeded from `STET_TEST_SEED` if that is set, else from the clock. Prints the seed.
    pub fn from_environment(of: &str) -> Dice {
        let seed = match std::env::var("STET_TEST_SEED") {
            Ok(text) => text.parse().expect("STET_TEST_SEED is a number"),
            Err(_) => {
                let since =
                    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("a clock after 1970");
                since.as_nanos() as u64
            }
        };
        println!("{of}: STET_TEST_SEED={seed}");
        Dice(seed)
    }

    pub fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub fn below(&mut self, bound: u64) -> u64 {
        self.roll() % bound
    }
}

/// Milliseconds since 1970, as the Node clients count them.
pub fn now_ms() -> f64 {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("a clock after 1970").as_secs_f64()
        * 1000.0
}
