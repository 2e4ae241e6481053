//! In the making: `scan`.
