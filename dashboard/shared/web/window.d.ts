// What scripts keep on the window, for as long as the tab lives: a component is made anew when a
// person changes the page, and uploads or labels on their way must not be lost with it.

interface Window {
  Plotly: any;
  __raptPlotly: Record<string, Promise<any>>;
  __raptDrawn: Map<string, any>;
  __raptZoom: any;
  __raptUploads: {
    files: any[];
    listeners: Set<(arrived?: any) => void>;
    next: number;
    batch: { id: string; total: number };
    asked: { session: string; into: string }[];
    pumping?: boolean;
  };
  __raptUploadsGuard: boolean;
  __raptLabels: Map<string, any>;
  __raptLabelsGuard: boolean;
  __raptShowGuess: boolean;
  __raptVisitor: string | undefined;
  __raptGallery: { waiting: any[]; history: string[]; source: string | null; at?: string };
}
