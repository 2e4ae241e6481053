//! When a commit fails, or nobody hears whether it was made, the room does not guess: everybody is sent away for a
//! moment, the log is read anew, and what was written is neither lost nor doubled.

use serde_json::json;
use tests::Client;

use crate::{ada_and_ben, text_now};

const WORDS: usize = 60;

#[tokio::test(flavor = "multi_thread")]
async fn neither_lost_nor_doubled() {
    for fault in ["commit_lost_at:8", "commit_unheard_at:8"] {
        let (_server, ada, ben, document) = ada_and_ben(&[("STET_FAULT", fault)]).await;
        let hers = Client::open("ada", &ada.ticket(&document).await).await;
        let his = Client::open("ben", &ben.ticket(&document).await).await;
        for number in 0..WORDS {
            hers.insert(&format!("a{number:02} ")).await;
            his.insert(&format!("b{number:02} ")).await;
        }
        hers.saved().await;
        his.saved().await;
        let text = text_now(&ada.ticket(&document).await).await;
        for number in 0..WORDS {
            for word in [format!("a{number:02} "), format!("b{number:02} ")] {
                assert_eq!(text.matches(&word).count(), 1, "{fault}: {word:?} in {text:?}");
            }
        }
        for client in [&hers, &his] {
            client.until_text(json!({ "equals": text })).await;
        }
        let closes = hers.ask("closes", json!({})).await;
        let met = closes.as_array().expect("a list").iter().filter(|close| close["code"] == 1013).count();
        println!("{fault}: sent away {met} times with 1013, {} words whole", 2 * WORDS);
        assert!(met > 0, "{fault} was never met: {closes}");
    }
}
