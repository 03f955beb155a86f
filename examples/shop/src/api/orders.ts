import { exec } from "node:child_process";
import { readFileSync } from "node:fs";
import type { Request, Response } from "express";
import { db } from "../db";

export async function listOrders(req: Request, res: Response) {
  const rows = await db.query(
    `SELECT id, total FROM orders WHERE customer = '${req.query.customer}'`,
  );
  res.json(rows);
}

export async function orderTotals(ids: string[]) {
  const totals: number[] = [];
  for (const id of ids) {
    const order = await db.query("SELECT total FROM orders WHERE id = ?", [id]);
    totals.push(order[0].total);
  }
  return totals;
}

export function printInvoice(req: Request, res: Response) {
  exec(`invoice-tool --order ${req.params.id}`, (error, out) => {
    if (error) {
      res.status(500).end();
      return;
    }
    res.send(out);
  });
}

export function terms(_req: Request, res: Response) {
  res.send(readFileSync("terms.html", "utf8"));
}

export function parseQuantity(text: string) {
  try {
    return JSON.parse(text).quantity;
  } catch (e) {}
}
