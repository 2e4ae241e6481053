//! `stet user`: accounts made on the machine itself, with the data folder at hand.

use std::io::{IsTerminal, Read};

use clap::{Args, Subcommand};

use super::{Failure, say};
use crate::app::App;
use crate::config::Config;
use crate::first_start::{NewAccount, Way, make_account};

/// What can be done with accounts.
#[derive(Subcommand, Debug)]
pub enum Command {
    /// Make an account. The password is asked for, or taken from STET_PASSWORD or the standard input.
    Create(Create),
}

/// A new account.
#[derive(Args, Debug)]
pub struct Create {
    /// Name to sign in with.
    #[arg(value_name = "NAME")]
    username: String,
    /// E-mail address.
    #[arg(long, value_name = "ADDRESS")]
    email: String,
    /// The account administers the instance.
    #[arg(long)]
    admin: bool,
}

/// The variable that a password may come in, for scripts.
const PASSWORD_VARIABLE: &str = "STET_PASSWORD";

/// Does what the command says.
pub async fn run(config: Config, command: Command) -> Result<(), Failure> {
    let Command::Create(Create { username, email, admin }) = command;
    let password = password().map_err(|error| Failure::new("cannot read the password", error))?;
    let listen = config.listen;
    let app = App::open(config, listen).await.map_err(Failure::because)?;
    let way = if admin { Way::CommandLineAdmin } else { Way::CommandLine };
    let made = make_account(&app, NewAccount { username, email, password }, way).await;
    app.rooms.shutdown().await;
    app.storage.close().await;
    let user = made.map_err(|error| Failure::new("cannot make the account", error))?;
    say(format_args!("Made the account {}{}.", user.username, if user.is_admin { ", an administrator" } else { "" }));
    Ok(())
}

fn password() -> std::io::Result<String> {
    if let Ok(password) = std::env::var(PASSWORD_VARIABLE) {
        return Ok(password);
    }
    let mut input = std::io::stdin();
    if input.is_terminal() {
        return rpassword::prompt_password("Password: ");
    }
    let mut password = String::new();
    input.read_to_string(&mut password)?;
    Ok(password.trim_end_matches(['\r', '\n']).to_owned())
}
