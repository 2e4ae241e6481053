//! Stet: a server for documents that people write together. The binary `stet`.

mod app;
mod auth;
mod checkpoint;
mod cli;
mod clock;
mod config;
mod connections;
mod error;
mod fault;
mod first_start;
mod http;
mod limits;
mod log_writer;
mod materialise;
mod note_edits;
mod peer;
mod room;
mod rooms;
mod socket;
mod welcome;

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    match cli::run(cli::Cli::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("stet: {failure}");
            ExitCode::FAILURE
        }
    }
}
