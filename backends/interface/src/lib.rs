//! What a backend of Array Assay exchanges with the harness: [`DType`], [`Value`], [`Program`], [`Outcome`], the [`Backend`] trait, and the
//! frames that carry them between the harness and a worker process.
//!
//! This crate is a leaf: it knows neither the standard's functions nor how results are judged.

mod backend;
mod batch;
mod defaults;
mod dtype;
mod frame;
mod outcomes;
mod program;
mod tree;
mod value;
mod worker;

pub use backend::{Argument, Backend, CallError, Output};
pub use batch::encode_batch;
pub use defaults::Defaults;
pub use dtype::{DType, Kind, UnknownDType};
pub use frame::{
    FrameError, HostFrame, Identity, PROTOCOL_SCHEMA, PROTOCOL_VERSION, Parameter, ParameterKind, Presence, READS, WorkerFrame,
    decode_worker_frame, encode_frame, read_body, read_frame, read_worker_frame, write_frame,
};
pub use program::{Arg, Block, Exception, Outcome, Program, REPRESENTATION, Register, Role, Step};
pub use tree::{NoFields, Record, Slice, Tree};
pub use value::{Array, Element, Scalar, Unfit, Value};
pub use worker::{answer, run_program, serve, serve_stdio};
