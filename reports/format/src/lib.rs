//! The records of a results file (`results.jsonl`, one JSON object a line), and the words that they share with the spec:
//! [`Revision`], [`Level`], [`Property`], [`CheckId`], [`Verdict`], [`Cause`].
//!
//! Readers ignore fields that they do not know within a format version.

mod file;
mod gate;
mod id;
mod record;
mod same_run;
mod words;

pub use file::{Results, ResultsError, Writer, partial};
pub use gate::{BaselineEntry, GATE_FORMAT_VERSION, GateReport, Outcome, StaleEntry, Standing};
pub use id::{CheckId, Glob, InvalidCheckId, InvalidGlob};
pub use record::{
    Accuracy, BackendInfo, Blocker, CONSUMERS, Cell, Check, Classes, ClauseRef, ConsumerCase, ConsumerRecord, Counterexample, Covered,
    FLOOR, FORMAT_VERSION, Footer, FunctionTime, GAPS, GapRecord, Header, Met, NativeRecord, Ratio, RatioAccuracy, Record, Timing, Tool,
    UlpAccuracy,
};
pub use same_run::Difference;
pub use words::{Cause, Level, Property, ReplayEnd, Revision, UnknownWord, Verdict};
