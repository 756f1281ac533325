import { after, before, describe, test } from "node:test";
import { BUDGET, none } from "../budget.js";
import { heaviest } from "../checks/heaviest.js";
import { faults, lighthouse } from "../checks/lighthouse.js";
import { BOOK, serve } from "../site.js";

// Its times depend on how busy the machine is: `npm run measure` tells them.
describe("Lighthouse, on the heaviest pages", () => {
  let site, runner;
  before(async () => {
    site = await serve(BOOK);
    runner = await lighthouse();
  });
  after(async () => {
    await runner?.close();
    await site?.close();
  });

  test("accessibility, best practices, search engines, layout shift", async (t) => {
    for (const path of await heaviest(site, BUDGET.lighthouse.pages)) {
      await t.test(path, async () => {
        none(faults(await runner.run(site.url(path)), BUDGET.lighthouse), path, "mobile");
      });
    }
  });
});
