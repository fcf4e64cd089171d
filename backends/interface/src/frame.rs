//! Protocol version 1. A frame is a little-endian `u32` length, followed by a MessagePack body.

use std::collections::BTreeMap;
use std::io::{self, Read, Write};

use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::{Outcome, Program, outcomes};

/// The version of the protocol that this crate speaks.
pub const PROTOCOL_VERSION: u32 = 1;

/// The JSON Schema of the frames.
pub const PROTOCOL_SCHEMA: &str = include_str!("../protocol.schema.json");

/// Additions to the protocol after the first workers were written. A worker sends one only if the harness says in `hello` that it reads it.
pub const READS: [&str; 1] = ["unfit"];

/// The greatest length of a frame. A longer one counts as garbage.
const MAX_FRAME: u32 = 1 << 30;

/// A frame that the harness sends.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum HostFrame {
    /// The first frame of a session.
    Hello {
        /// [`PROTOCOL_VERSION`].
        protocol: u32,
        /// The functions whose presence and signatures the worker reports.
        functions: Vec<String>,
        /// The additions to this version that the harness reads: [`READS`].
        #[serde(default)]
        reads: Vec<String>,
    },
    /// Programs to run, in order.
    #[serde(with = "crate::batch")]
    Batch {
        /// The id of the batch, which the outcomes repeat.
        id: u64,
        /// The programs. Those of a block are listed one by one.
        programs: Vec<Program>,
    },
    /// There are no more batches, and the worker exits.
    Stop,
}

/// A frame that a worker sends.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum WorkerFrame {
    /// The answer to `hello`.
    Identity(Box<Identity>),
    /// Outcomes of consecutive programs of a batch. Several frames may answer one batch.
    Outcomes {
        /// The id of the batch.
        id: u64,
        /// The index of the program to which the first outcome belongs.
        first: u32,
        /// The outcomes.
        outcomes: Vec<Outcome>,
    },
}

/// The identity of a worker, and what its library has.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Identity {
    /// The protocol version that the worker speaks.
    pub protocol: u32,
    /// The library's name.
    pub name: String,
    /// The library's version.
    pub version: String,
    /// The language and its version, such as `Python 3.13.1`.
    pub language: String,
    /// The operating system and the processor.
    pub platform: String,
    /// The devices by name. The default device comes first.
    pub devices: Vec<String>,
    /// The names of the standard's dtypes that the library has.
    pub dtypes: Vec<String>,
    /// The default dtype of each kind (`real floating`, `complex floating`, `integral`, `indexing`).
    pub default_dtypes: BTreeMap<String, String>,
    /// The revisions of the standard that the library claims.
    pub revisions: Vec<String>,
    /// The extensions that the library has.
    pub extensions: Vec<String>,
    /// The capabilities of the spec's closed list, by name. `false` permits the outcome `unsupported` for the calls that the list names.
    pub capabilities: BTreeMap<String, bool>,
    /// The functions that exist, among those that `hello` asked for.
    pub functions: BTreeMap<String, Presence>,
    /// Whether the worker reads blocks, which are programs of several runs. It may answer their runs together.
    pub reads_blocks: bool,
    /// The versions of other packages that the worker ran on (`array-api-compat`, ...).
    pub also: BTreeMap<String, String>,
    /// The shapes of generated arrays, for a library that compiles for each new shape. Any shape is allowed if the list is empty.
    pub shapes: Vec<Vec<usize>>,
    /// The library's own functions that make a layout from an array and a tuple of axes, by path. `transposed` takes the axes in their new
    /// order, and `reversed` takes the axes to reverse.
    pub layouts: BTreeMap<String, String>,
    /// The forms of an array that the library's users have and an import does not make, such as one of several chunks. By name: an
    /// expression in the library's language that makes it from the array `x`. A step `representation.NAME` evaluates it.
    pub representations: BTreeMap<String, String>,
}

/// A function that exists.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Presence {
    /// The parameters. `None` if the language cannot tell.
    #[serde(default)]
    pub signature: Option<Vec<Parameter>>,
}

/// A parameter of a function under test.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Parameter {
    /// The name.
    pub name: String,
    /// How it may be passed.
    pub kind: ParameterKind,
    /// The default in Python notation, if there is one.
    #[serde(default)]
    pub default: Option<String>,
}

/// How a parameter may be passed, in the terms of Python's `inspect`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum ParameterKind {
    PositionalOnly,
    PositionalOrKeyword,
    VarPositional,
    KeywordOnly,
    VarKeyword,
}

/// Why a frame could not be read or written.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs)]
pub enum FrameError {
    #[error("read or write a frame: {0}")]
    Io(#[from] io::Error),
    #[error("read a frame: the stream ended inside it")]
    Truncated,
    #[error("read a frame: its length {0} exceeds the limit of {MAX_FRAME} bytes")]
    TooLong(u32),
    #[error("decode a frame of {length} bytes: {why}")]
    Malformed { length: usize, why: String },
}

/// Reads one frame. `None` at the end of the stream.
pub fn read_frame<F: DeserializeOwned>(stream: &mut impl Read) -> Result<Option<F>, FrameError> {
    read_body(stream)?.map(|body| decode(&body)).transpose()
}

/// Reads one frame of a worker. For a frame of outcomes, this is faster than [`read_frame`].
pub fn read_worker_frame(stream: &mut impl Read) -> Result<Option<WorkerFrame>, FrameError> {
    read_body(stream)?.map(|body| decode_worker_frame(&body)).transpose()
}

/// The worker's frame in these bytes, which follow the length.
pub fn decode_worker_frame(body: &[u8]) -> Result<WorkerFrame, FrameError> {
    match outcomes::decode(body) {
        Some((id, first, outcomes)) => Ok(WorkerFrame::Outcomes { id, first, outcomes }),
        None => decode(body),
    }
}

/// Reads the body of one frame, without the length. `None` at the end of the stream.
pub fn read_body(stream: &mut impl Read) -> Result<Option<Vec<u8>>, FrameError> {
    let mut header = [0u8; 4];
    let mut filled = 0;
    while filled < 4 {
        match stream.read(&mut header[filled..])? {
            0 if filled == 0 => return Ok(None),
            0 => return Err(FrameError::Truncated),
            n => filled += n,
        }
    }
    let length = u32::from_le_bytes(header);
    if length > MAX_FRAME {
        return Err(FrameError::TooLong(length));
    }
    // A garbage length must not allocate much memory.
    let mut body = Vec::with_capacity(length.min(1 << 20) as usize);
    stream.take(length as u64).read_to_end(&mut body)?;
    if body.len() < length as usize {
        return Err(FrameError::Truncated);
    }
    Ok(Some(body))
}

/// Decodes exactly one value. Bytes after it mean that the length was wrong.
fn decode<F: DeserializeOwned>(body: &[u8]) -> Result<F, FrameError> {
    let mut rest = body;
    let frame = rmp_serde::from_read(&mut rest).map_err(|e| FrameError::Malformed { length: body.len(), why: e.to_string() })?;
    if rest.is_empty() {
        Ok(frame)
    } else {
        Err(FrameError::Malformed { length: body.len(), why: format!("{} bytes follow its value", rest.len()) })
    }
}

/// Writes one frame and flushes the stream.
pub fn write_frame(stream: &mut impl Write, frame: &impl Serialize) -> Result<(), FrameError> {
    stream.write_all(&encode_frame(frame)?)?;
    stream.flush()?;
    Ok(())
}

/// The bytes of a frame, with their length in front.
pub fn encode_frame(frame: &impl Serialize) -> Result<Vec<u8>, FrameError> {
    let mut bytes = vec![0u8; 4];
    rmp_serde::encode::write_named(&mut bytes, frame).map_err(|e| FrameError::Malformed { length: 0, why: e.to_string() })?;
    let length = u32::try_from(bytes.len() - 4).map_err(|_| FrameError::TooLong(u32::MAX))?;
    bytes[..4].copy_from_slice(&length.to_le_bytes());
    Ok(bytes)
}
