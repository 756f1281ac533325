//! Whole books, built and looked at. See README.md beside this folder.

mod bad_input;
mod checkout;
mod commands;
mod fail_open;
mod fail_open_sessions;
mod faults;
mod five_steps;
mod found;
mod gate;
mod installing;
mod one_run;
mod pages;
mod plain_mdbook;
mod processes;
mod prose;
mod reproducible;
mod scaffold;
mod serve;
mod sessions;
mod skips;
