//! A data folder that cannot be written, a port in use, a broken config: one clear line, exit code 1.

use std::net::TcpListener;
use std::path::Path;

use tests::server::{free_port, run_to_end};
use tests::{Person, Server};

async fn one_line(arguments: &[&str], folder: &Path, names: &str) {
    let (status, _, error) = run_to_end(arguments, &[], folder).await;
    assert_eq!(status.code(), Some(1), "{arguments:?} ended with {status}: {error}");
    let lines: Vec<&str> = error.lines().filter(|line| !line.trim().is_empty()).collect();
    println!("{error}");
    assert_eq!(lines.len(), 1, "{arguments:?} should say one line, said: {error}");
    assert!(lines[0].contains(names), "{arguments:?} should name {names:?}: {error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_port_in_use() {
    let folder = tempfile::tempdir().expect("a folder");
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = taken.local_addr().expect("its address").to_string();
    one_line(&["serve", "--listen", &address, "--data", "data"], folder.path(), &address).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_data_folder_that_cannot_be_made_or_written() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("a-file"), "").expect("a file");
    let listen = format!("127.0.0.1:{}", free_port());
    // A file where a folder should be: nobody, not even root, can write into it.
    for data in ["a-file", "a-file/below"] {
        one_line(&["serve", "--listen", &listen, "--data", data], folder.path(), "a-file").await;
    }
    one_line(&["serve", "--listen", &listen, "--data", "/proc/stet"], folder.path(), "/proc/stet").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broken_config() {
    let folder = tempfile::tempdir().expect("a folder");
    let listen = format!("127.0.0.1:{}", free_port());
    let path = folder.path().join("stet.toml");
    let file = path.display().to_string();
    for (text, names) in [
        ("listen = \n", "line 1"),
        ("listen = \"nowhere\"\n", "listen"),
        ("lisssten = \"127.0.0.1:1\"\n", "lisssten"),
        ("room_idle = \"soon\"\n", "room_idle"),
    ] {
        std::fs::write(&path, text).expect("a file");
        one_line(&["serve", "--config", &file, "--data", "data"], folder.path(), names).await;
    }
    one_line(&["serve", "--config", "missing.toml", "--listen", &listen], folder.path(), "missing.toml").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_server_on_the_same_data() {
    let server = Server::start().await;
    let data = server.data().display().to_string();
    let folder = tempfile::tempdir().expect("a folder");
    let listen = format!("127.0.0.1:{}", free_port());
    one_line(&["serve", "--listen", &listen, "--data", &data], folder.path(), &data).await;
    Person::register(&server, "ada").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_orderly_end_and_a_quick_second_start() {
    let mut server = Server::start().await;
    Person::register(&server, "ada").await;
    assert!(server.stop().await.success(), "SIGTERM is an orderly end");
    let started = std::time::Instant::now();
    server.restart().await;
    println!("second start: {} ms", started.elapsed().as_millis());
    assert!(started.elapsed().as_secs() < 3);
}
