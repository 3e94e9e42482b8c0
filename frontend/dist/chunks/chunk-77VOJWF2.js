var t=globalThis.window?.trustedTypes?.createPolicy("playground",{createHTML:e=>e}),n=e=>t?.createHTML(e)??e;export{n as a};
