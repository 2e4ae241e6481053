//! The figures, as a table for people and as JSON.

use std::time::Duration;

use serde_json::{Value, json};

use crate::subject::Kind;

/// One load on one subject.
#[derive(Clone)]
pub struct Row {
    pub load: String,
    pub kind: Kind,
    /// Updates that reached somebody, or joins.
    pub delivered: u64,
    pub cpu_us_each: f64,
    pub p50_ms: f64,
    pub p99_ms: f64,
    pub p999_ms: f64,
    pub per_second: Option<f64>,
    pub memory_peak_bytes: u64,
    pub disk_bytes: u64,
}

impl Row {
    pub fn new(load: &str, kind: Kind, delivered: u64, cpu: Duration, mut latencies: Vec<Duration>) -> Row {
        latencies.sort();
        let at = |share: f64| {
            let index = ((latencies.len() as f64 * share) as usize).min(latencies.len().saturating_sub(1));
            latencies.get(index).map_or(f64::NAN, |latency| latency.as_secs_f64() * 1000.0)
        };
        Row {
            load: load.to_string(),
            kind,
            delivered,
            cpu_us_each: cpu.as_secs_f64() * 1e6 / delivered as f64,
            p50_ms: at(0.5),
            p99_ms: at(0.99),
            p999_ms: at(0.999),
            per_second: None,
            memory_peak_bytes: 0,
            disk_bytes: 0,
        }
    }

    pub fn line(&self) -> String {
        let rate = self.per_second.map(|rate| format!("{rate:.0}/s")).unwrap_or_default();
        format!(
            "{:<52} {:<6} {:>9} {:>9.1} {:>8.2} {:>8.2} {:>8.2} {:>10} {:>8.1} {:>9.2}",
            self.load,
            self.kind.name(),
            self.delivered,
            self.cpu_us_each,
            self.p50_ms,
            self.p99_ms,
            self.p999_ms,
            rate,
            self.memory_peak_bytes as f64 / 1e6,
            self.disk_bytes as f64 / 1e6,
        )
    }

    fn json(&self, relay: Option<&Row>) -> Value {
        let ratio = |of: fn(&Row) -> f64| relay.map(|relay| of(self) / of(relay));
        json!({
            "load": self.load, "subject": self.kind.name(), "delivered": self.delivered,
            "cpu_us_per_delivered": self.cpu_us_each, "p50_ms": self.p50_ms, "p99_ms": self.p99_ms, "p999_ms": self.p999_ms,
            "per_second": self.per_second, "memory_peak_bytes": self.memory_peak_bytes, "disk_bytes": self.disk_bytes,
            "cpu_ratio_to_relay": ratio(|row| row.cpu_us_each), "p99_ratio_to_relay": ratio(|row| row.p99_ms),
        })
    }
}

#[derive(Default)]
pub struct Table {
    rows: Vec<Row>,
}

impl Table {
    /// Of several runs that gave the same rows, the median of each figure.
    pub fn take_medians(&mut self, runs: Vec<Vec<Row>>) {
        let all: Vec<Row> = runs.into_iter().flatten().collect();
        for row in &all {
            if self.rows.iter().any(|taken| taken.load == row.load && taken.kind == row.kind) {
                continue;
            }
            let same: Vec<&Row> = all.iter().filter(|other| other.load == row.load && other.kind == row.kind).collect();
            let median = |of: &dyn Fn(&Row) -> f64| {
                let mut values: Vec<f64> = same.iter().map(|row| of(row)).collect();
                values.sort_by(f64::total_cmp);
                values[values.len() / 2]
            };
            self.rows.push(Row {
                cpu_us_each: median(&|row| row.cpu_us_each),
                p50_ms: median(&|row| row.p50_ms),
                p99_ms: median(&|row| row.p99_ms),
                p999_ms: median(&|row| row.p999_ms),
                per_second: row.per_second.map(|_| median(&|row| row.per_second.unwrap_or(f64::NAN))),
                memory_peak_bytes: median(&|row| row.memory_peak_bytes as f64) as u64,
                disk_bytes: median(&|row| row.disk_bytes as f64) as u64,
                ..row.clone()
            });
        }
    }

    fn relay_of(&self, row: &Row) -> Option<&Row> {
        let of = |other: &&Row| other.kind == Kind::Relay && other.load == row.load;
        (row.kind == Kind::Stet).then(|| self.rows.iter().find(of)).flatten()
    }

    pub fn print(&self) {
        println!(
            "{:<52} {:<6} {:>9} {:>9} {:>8} {:>8} {:>8} {:>10} {:>8} {:>9} {:>8}",
            "load",
            "",
            "delivered",
            "CPU us",
            "p50 ms",
            "p99 ms",
            "p99.9 ms",
            "rate",
            "peak MB",
            "disk MB",
            "CPU:relay"
        );
        for row in &self.rows {
            let ratio = self.relay_of(row).map(|relay| format!("{:.2}", row.cpu_us_each / relay.cpu_us_each));
            println!("{} {:>8}", row.line(), ratio.unwrap_or_default());
        }
    }

    pub fn json(&self) -> String {
        let rows: Vec<Value> = self.rows.iter().map(|row| row.json(self.relay_of(row))).collect();
        serde_json::to_string_pretty(&json!({ "rows": rows })).expect("figures are JSON")
    }
}
