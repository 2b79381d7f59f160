/* Keeps the receipt in this browser, prints it, and says what could not be delivered in time. */
(function () {
  "use strict";
  const print = document.getElementById("print");
  if (print) {
    print.hidden = false;
    print.addEventListener("click", () => window.print());
  }
  try {
    const storage = window.localStorage;
    const receipt = document.getElementById("receipt-data");
    if (receipt && !storage.getItem(receipt.dataset.key)) storage.setItem(receipt.dataset.key, receipt.textContent);
    const notice = document.getElementById("left-behind");
    for (const key of Object.keys(storage).filter((name) => name.startsWith(notice.dataset.prefix))) {
      const { answers } = JSON.parse(storage.getItem(key));
      if (Object.values(answers).some((answer) => answer.revision > answer.delivered)) notice.hidden = false;
      storage.removeItem(key);
    }
  } catch (error) {
    /* a browser that keeps nothing: the receipt is on this page whenever it is opened */
  }
})();
