//! Protocol version 1: frames of a `u32` little-endian length and a MessagePack body.

use std::collections::BTreeMap;
use std::io::{self, Read, Write};

use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::{Outcome, Program, outcomes};

/// The version of the protocol that this crate speaks.
pub const PROTOCOL_VERSION: u32 = 1;

/// The choices that came after the first workers were written. One is sent only to a harness that says in `hello` to read it.
pub const READS: [&str; 1] = ["unfit"];

/// The longest frame that is read: a longer one is taken for garbage.
const MAX_FRAME: u32 = 1 << 30;

/// What the harness sends.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum HostFrame {
    /// The first frame.
    Hello {
        /// [`PROTOCOL_VERSION`].
        protocol: u32,
        /// The functions whose presence and signatures the worker reports.
        functions: Vec<String>,
        /// Choices beyond those of the version that the harness reads: [`READS`].
        #[serde(default)]
        reads: Vec<String>,
    },
    /// Programs to run, in order.
    #[serde(with = "crate::batch")]
    Batch {
        /// Echoed in the outcomes.
        id: u64,
        /// The programs; those of a block one by one.
        programs: Vec<Program>,
    },
    /// No more batches: the worker exits.
    Stop,
}

/// What a worker sends.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum WorkerFrame {
    /// The answer to `hello`.
    Identity(Box<Identity>),
    /// Outcomes of consecutive programs of a batch; several frames may answer one batch.
    Outcomes {
        /// The batch.
        id: u64,
        /// Index of the program that the first outcome belongs to.
        first: u32,
        /// The outcomes.
        outcomes: Vec<Outcome>,
    },
}

/// Who a worker is and what its library has.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Identity {
    /// The protocol version that it speaks.
    pub protocol: u32,
    /// The library's name.
    pub name: String,
    /// The library's version.
    pub version: String,
    /// The language and its version, such as `Python 3.13.1`.
    pub language: String,
    /// Operating system and processor.
    pub platform: String,
    /// Devices by name, the default first.
    pub devices: Vec<String>,
    /// Names of the standard's dtypes that it has.
    pub dtypes: Vec<String>,
    /// Default dtype by kind (`real floating`, `complex floating`, `integral`, `indexing`).
    pub default_dtypes: BTreeMap<String, String>,
    /// Revisions of the standard that it claims.
    pub revisions: Vec<String>,
    /// Extensions that it has.
    pub extensions: Vec<String>,
    /// Capabilities of the spec's closed list, by name; `false` permits `unsupported` for the calls that the list names.
    pub capabilities: BTreeMap<String, bool>,
    /// The functions asked for in `hello`, those that exist.
    pub functions: BTreeMap<String, Presence>,
    /// Whether it reads blocks, programs of several runs. It may answer their runs together.
    pub reads_blocks: bool,
    /// Versions of what the worker ran on besides the library (`array-api-compat`, ...).
    pub also: BTreeMap<String, String>,
    /// The shapes that arrays are to be drawn of, where each new one costs a compilation; none: any.
    pub shapes: Vec<Vec<usize>>,
    /// Functions of the library's own that make a layout from an array and a tuple of axes, by path: `transposed` takes the axes in their
    /// new order, `reversed` those that are turned around.
    pub layouts: BTreeMap<String, String>,
}

/// A function that exists.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Presence {
    /// Its parameters, or `None` where the language cannot tell.
    #[serde(default)]
    pub signature: Option<Vec<Parameter>>,
}

/// A parameter of a function under test.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Parameter {
    /// Its name.
    pub name: String,
    /// How it may be passed.
    pub kind: ParameterKind,
    /// Its default in Python notation, if it has one.
    #[serde(default)]
    pub default: Option<String>,
}

/// How a parameter may be passed, as Python's `inspect` has it.
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

/// Reads one frame; `None` at the end of the stream.
pub fn read_frame<F: DeserializeOwned>(stream: &mut impl Read) -> Result<Option<F>, FrameError> {
    read_body(stream)?.map(|body| decode(&body)).transpose()
}

/// Reads one frame of a worker, faster than [`read_frame`] where it is one of outcomes.
pub fn read_worker_frame(stream: &mut impl Read) -> Result<Option<WorkerFrame>, FrameError> {
    read_body(stream)?.map(|body| decode_worker_frame(&body)).transpose()
}

/// What a worker sent, from the bytes after the length.
pub fn decode_worker_frame(body: &[u8]) -> Result<WorkerFrame, FrameError> {
    match outcomes::decode(body) {
        Some((id, first, outcomes)) => Ok(WorkerFrame::Outcomes { id, first, outcomes }),
        None => decode(body),
    }
}

/// Reads the bytes of one frame, those after the length; `None` at the end of the stream.
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
    // A length that is garbage does not make it ask for much memory.
    let mut body = Vec::with_capacity(length.min(1 << 20) as usize);
    stream.take(length as u64).read_to_end(&mut body)?;
    if body.len() < length as usize {
        return Err(FrameError::Truncated);
    }
    Ok(Some(body))
}

/// One value exactly: bytes after it mean that the length was wrong.
fn decode<F: DeserializeOwned>(body: &[u8]) -> Result<F, FrameError> {
    let mut rest = body;
    let frame = rmp_serde::from_read(&mut rest).map_err(|e| FrameError::Malformed { length: body.len(), why: e.to_string() })?;
    if rest.is_empty() {
        Ok(frame)
    } else {
        Err(FrameError::Malformed { length: body.len(), why: format!("{} bytes follow its value", rest.len()) })
    }
}

/// Writes one frame and flushes.
pub fn write_frame(stream: &mut impl Write, frame: &impl Serialize) -> Result<(), FrameError> {
    stream.write_all(&encode_frame(frame)?)?;
    stream.flush()?;
    Ok(())
}

/// The bytes of a frame, its length in front.
pub fn encode_frame(frame: &impl Serialize) -> Result<Vec<u8>, FrameError> {
    let mut bytes = vec![0u8; 4];
    rmp_serde::encode::write_named(&mut bytes, frame).map_err(|e| FrameError::Malformed { length: 0, why: e.to_string() })?;
    let length = u32::try_from(bytes.len() - 4).map_err(|_| FrameError::TooLong(u32::MAX))?;
    bytes[..4].copy_from_slice(&length.to_le_bytes());
    Ok(bytes)
}
