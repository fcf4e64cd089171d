//! Known values of what the standard lacks.
