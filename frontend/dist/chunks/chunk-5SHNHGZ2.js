var t=window.trustedTypes?.createPolicy("playground",{createHTML:e=>e}),r=e=>t?.createHTML(e)??e;export{r as a};
