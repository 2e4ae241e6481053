//! In the making: `presence`.
