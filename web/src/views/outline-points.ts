// Columns of a contour as points.
//
// SPDX-License-Identifier: GPL-3.0-or-later
import type { Contour } from '../api';
import type { Point } from '../geometry/polygon';

export const zip = (c: Contour): Point[] => c.x.map((x, i) => [x, c.y[i]] as Point);
