//! The page on what `numpy.linalg` and `scipy.linalg` give for the same call.

use array_assay_spec::consumer::{Linalg, LinalgRow};
use serde::Serialize;

use super::mark::{Piece, prose};

#[derive(Serialize)]
pub struct Page {
    root: &'static str,
    versions: [String; 2],
    subjects: Vec<Subject>,
    differing: usize,
    total: usize,
}

/// The rows on one subject.
#[derive(Serialize)]
struct Subject {
    name: String,
    rows: Vec<Row>,
}

#[derive(Serialize)]
struct Row {
    says: Vec<Piece>,
    call: String,
    gives: [String; 2],
    same: bool,
}

/// The page.
pub fn page(of: &Linalg) -> Page {
    let row = |row: &LinalgRow| {
        let gives = row.gives();
        Row { says: prose(&row.says), call: row.call.clone(), gives: gives.map(str::to_owned), same: gives[0] == gives[1] }
    };
    let subject = |rows: &[LinalgRow]| Subject { name: rows[0].about.clone(), rows: rows.iter().map(row).collect() };
    Page {
        root: "",
        versions: [of.numpy.clone(), of.scipy.clone()],
        subjects: of.rows.chunk_by(|a, b| a.about == b.about).map(subject).collect(),
        differing: of.rows.iter().filter(|row| row.gives()[0] != row.gives()[1]).count(),
        total: of.rows.len(),
    }
}
