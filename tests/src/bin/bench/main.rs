//! `make bench`: what an edit costs the server, and how long it takes, beside a bare relay on the same machine.
//!
//! The driver is one thread with raw sockets, so that most of the machine is the server's. CPU is the user and system
//! time of the server process from the first send to 3 s after the last delivery; each load runs several times in a
//! fresh process and the median counts. `--short` runs everything small and fails only on wrong results.

mod fan_out;
mod join;
mod report;
mod subject;
mod trace;

use std::time::Duration;

use report::{Row, Table};
use subject::Kind;

/// How much is run.
pub struct Plan {
    /// Small everything: a check of results, not a measurement.
    pub short: bool,
    /// Time of sending that is measured, after the warm-up.
    pub seconds: u64,
    pub warm_up_seconds: u64,
    /// Runs of which the median counts.
    pub runs: usize,
    /// Edits of the trace that are typed; all of them if there are fewer.
    pub trace_edits_max: usize,
    /// Pieces of text, 33 bytes each as Yjs stores them, in the document that newcomers join.
    pub join_pieces: usize,
    pub joins: usize,
    /// CPU counts until this long after the last delivery.
    pub settle: Duration,
}

const FULL: Plan = Plan {
    short: false,
    seconds: 20,
    warm_up_seconds: 3,
    runs: 3,
    trace_edits_max: usize::MAX,
    join_pieces: 9_000,
    joins: 50,
    settle: Duration::from_secs(3),
};
const SHORT: Plan = Plan {
    short: true,
    seconds: 2,
    warm_up_seconds: 1,
    runs: 1,
    trace_edits_max: 5_000,
    join_pieces: 900,
    joins: 10,
    settle: Duration::from_millis(300),
};

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let has = |name: &str| arguments.iter().any(|argument| argument == name);
    let value = |name: &str| arguments.iter().skip_while(|argument| *argument != name).nth(1).map(String::as_str);
    if has("--help") {
        println!("bench [--short] [--only fan-out|200x5|1x300|join|trace] [--subject relay|stet] [--runs N]");
        return;
    }
    let wants = |part: &str| value("--only").is_none_or(|only| only == part);
    let mut plan = if has("--short") { SHORT } else { FULL };
    plan.runs = value("--runs").and_then(|runs| runs.parse().ok()).unwrap_or(plan.runs);
    let mut kinds = vec![Kind::Relay, Kind::Stet];
    kinds.retain(|kind| value("--subject").is_none_or(|subject| subject == kind.name()));

    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let table = runtime.block_on(async {
        let mut table = Table::default();
        for load in fan_out::loads(&plan) {
            if wants("fan-out") || wants(load.key) {
                measure(&mut table, &plan, &kinds, async |kind| fan_out::run(kind, &load, &plan).await).await;
            }
        }
        if wants("join") {
            // A relay keeps nothing that one could join.
            measure(&mut table, &plan, &[Kind::Stet], async |_| join::run(&plan).await).await;
        }
        if wants("trace") {
            measure(&mut table, &plan, &kinds, async |kind| trace::run(kind, &plan).await).await;
        }
        table
    });
    table.print();
    let path = tests::folder().join("out/bench.json");
    std::fs::create_dir_all(path.parent().expect("a folder")).expect("tests/out can be made");
    std::fs::write(&path, table.json()).expect("tests/out can be written");
    println!("{}", table.json());
    println!("also in {}", path.display());
}

/// Runs one load as often as planned, relay and server by turns, and keeps the medians.
async fn measure(table: &mut Table, plan: &Plan, kinds: &[Kind], mut run: impl AsyncFnMut(Kind) -> Vec<Row>) {
    let mut runs: Vec<Vec<Row>> = Vec::new();
    for number in 1..=plan.runs {
        for kind in kinds {
            let rows = run(*kind).await;
            for row in &rows {
                eprintln!("run {number}: {}", row.line());
            }
            runs.push(rows);
        }
    }
    table.take_medians(runs);
}
