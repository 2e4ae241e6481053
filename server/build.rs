//! Makes sure that there is a web app to embed: without `web/dist` the build of the server would fail, and a server
//! without its web app is still a server.

use std::path::Path;

const NOT_BUILT: &str = "<!doctype html>
<html lang=\"en\">
<meta charset=\"utf-8\">
<title>Stet</title>
<p>The server is running. The web app was not built: run <code>npm ci &amp;&amp; npm run build</code> in <code>web/</code>,
then build the server again.</p>
</html>
";

fn main() -> std::io::Result<()> {
    let dist = Path::new(env!("CARGO_MANIFEST_DIR")).join("../web/dist");
    let index = dist.join("index.html");
    if !index.exists() {
        std::fs::create_dir_all(&dist)?;
        std::fs::write(index, NOT_BUILT)?;
    }
    // A debug build reads the files when they are asked for; a release build holds them and follows their changes.
    if std::env::var("PROFILE").is_ok_and(|profile| profile == "release") {
        println!("cargo:rerun-if-changed={}", dist.display());
    }
    println!("cargo:rerun-if-changed=build.rs");
    Ok(())
}
