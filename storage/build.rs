//! A new migration is a change of this crate: `sqlx::migrate!` embeds the files and cargo must know.

fn main() {
    println!("cargo:rerun-if-changed=migrations");
}
