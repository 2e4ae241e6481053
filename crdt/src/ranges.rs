//! In the making: `ranges`.
