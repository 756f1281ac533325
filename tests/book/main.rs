//! Whole books, built and looked at. See README.md beside this folder.

mod bad_input;
mod faults;
mod gate;
mod one_run;
mod pages;
mod plain_mdbook;
mod processes;
mod prose;
mod scaffold;
mod serve;
mod sessions;
