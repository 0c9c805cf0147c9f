/*
 * tafadi.h - all of libtafadi: 4D airspace volumes, conflict search, options.
 *
 * Pure computation: no I/O, no threads of its own, no clock, no writable
 * globals. See tafadi(3) and docs/library.md.
 */
#ifndef TAFADI_H
#define TAFADI_H

#include <tafadi/altitude.h>
#include <tafadi/cell.h>
#include <tafadi/conflict.h>
#include <tafadi/geo.h>
#include <tafadi/option.h>
#include <tafadi/status.h>
#include <tafadi/time.h>
#include <tafadi/volume.h>

#endif
