//! `capture claims`: what a page says of a record, and nothing to show.

use anyhow::Result;
use clap::Args;

use super::{Excerpt, Part};
use crate::claim::Claim;
use session::{Place, Record};

/// Claims about a record.
#[derive(Debug, Args)]
pub struct Claims {
    /// Where a field without a place is looked at
    #[arg(long, value_name = "PLACE")]
    at: Option<Place>,
    /// The claims
    #[arg(index = 2, last = true, required = true, value_name = "CLAIM", value_parser = Claim::parse)]
    claims: Vec<Claim>,
}

impl Part for Claims {
    fn places(&self) -> Vec<Place> {
        self.at.iter().cloned().collect()
    }

    fn claims(&self) -> &[Claim] {
        &self.claims
    }

    fn excerpt(&self, _: &Record, _: Option<&str>) -> Result<Excerpt> {
        Ok(Excerpt::unseen("the claims hold"))
    }

    fn skipped(&self, _: &Record, reason: String) -> Result<Excerpt> {
        let told = format!("the claims do not apply here: {reason}");
        Ok(Excerpt::unseen(&told))
    }
}
